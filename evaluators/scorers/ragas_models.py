"""Ragas' side of the adapter: its base classes, answered by our own judge. Importing it takes seconds."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final, TypeVar

from pydantic import BaseModel
from ragas.embeddings.base import BaseRagasEmbedding
from ragas.llms.base import InstructorBaseRagasLLM
from ragas.metrics.collections import AnswerRelevancy, Faithfulness
from ragas.metrics.collections.answer_relevancy.util import AnswerRelevanceOutput
from ragas.metrics.collections.faithfulness.util import NLIStatementOutput, StatementGeneratorOutput

from evaluators.scorers.judge import EmbeddingModel, JudgeError, JudgeModel

VERSION: Final = version("ragas")

Model = TypeVar("Model", bound=BaseModel)


class CheckedJudge(InstructorBaseRagasLLM):
    """Our judge behind Ragas' interface; made anew for each row, for it remembers the row's statements."""

    def __init__(self, judge: JudgeModel) -> None:
        self._judge = judge
        self._statements = 0

    def generate(self, prompt: str, response_model: type[Model]) -> Model:
        """Ragas' metrics never call this from ``ascore``."""
        raise RuntimeError("this judge is asked with agenerate only")

    async def agenerate(self, prompt: str, response_model: type[Model]) -> Model:
        """Ask the judge; a judgement that does not fit the question is asked for once more.

        Raises:
            JudgeError: ``judge_verdict_count``, ``judge_verdict_value``, ``judge_no_question`` or
                what the judge itself raises.
        """
        answer = await self._judge.ask(prompt, response_model)
        if self._misfit(answer):
            answer = await self._judge.ask(prompt, response_model)
        misfit = self._misfit(answer)
        if misfit:
            raise JudgeError(misfit)
        if isinstance(answer, StatementGeneratorOutput):
            self._statements = len(answer.statements)
        return answer

    def _misfit(self, answer: Any) -> str:
        if isinstance(answer, NLIStatementOutput):
            if len(answer.statements) != self._statements:
                return "judge_verdict_count"
            if any(entry.verdict not in (0, 1) for entry in answer.statements):
                return "judge_verdict_value"
        if isinstance(answer, AnswerRelevanceOutput):
            if not answer.question.strip():
                return "judge_no_question"
            if answer.noncommittal not in (0, 1):
                return "judge_verdict_value"
        return ""


class CheckedEmbedding(BaseRagasEmbedding):
    """Our embedding model behind Ragas' interface."""

    def __init__(self, model: EmbeddingModel) -> None:
        super().__init__(cache=None)
        self._model = model

    def embed_text(self, text: str, **options: Any) -> list[float]:
        """Ragas' metrics never call this from ``ascore``."""
        raise RuntimeError("this model is asked with aembed_text only")

    async def aembed_text(self, text: str, **options: Any) -> list[float]:
        """Return the vector of a text."""
        return await self._model.embed(text)


async def faithfulness(judge: JudgeModel, question: str, answer: str, passages: list[str]) -> float:
    """Return Ragas' faithfulness; NaN if the answer states nothing."""
    metric = Faithfulness(llm=CheckedJudge(judge))
    result = await metric.ascore(user_input=question, response=answer, retrieved_contexts=passages)
    return float(result.value)


async def answer_relevancy(
    judge: JudgeModel, embedding: EmbeddingModel, question: str, answer: str, strictness: int
) -> float:
    """Return Ragas' answer relevancy; a cosine, so it may be a little outside [0, 1]."""
    metric = AnswerRelevancy(llm=CheckedJudge(judge), embeddings=CheckedEmbedding(embedding), strictness=strictness)
    result = await metric.ascore(user_input=question, response=answer)
    return float(result.value)
