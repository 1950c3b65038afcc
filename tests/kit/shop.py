"""The answer bank of a small shop, as people write it."""

from __future__ import annotations

SHOP = """answers: 1
name: shop
thresholds: {answer: 0.9, ask: 0.4}
entries:
- id: refund
  state: approved
  questions: [怎么退款, how do i get a refund]
  answer: {zh: 点订单, en: Tap orders}
  keywords: {all: [退款], any: [怎么, 流程], none: [拒绝]}
  valid: {from: 2026-01-01, to: 2026-12-31}
  author: 王芳
  approver: 李强
- id: privacy
  patterns: ['隐私(政策|条款)']
  answer: {zh: 见隐私政策}
"""
