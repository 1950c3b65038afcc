"""What Sluice is measured with: data sets, the conformance suites, and its speed."""
