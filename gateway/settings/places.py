"""Where things are kept, and who else is asked: vault, answers, knowledge, endpoints, people."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.settings.edge import Edge


class VaultPlace(Edge):
    """Where what stands for what is kept for tools and batches, and for how long.

    Attributes:
        at: ``memory`` (one process), ``database`` (where the records are), or ``redis://…``.
        at_env: The environment variable that holds the address instead, where it has a password.
        seconds: How long, a week at most.
    """

    at: Annotated[str, Field(pattern=r"^(memory|database|(redis|rediss|unix)://.+)$")] = "memory"
    at_env: str | None = None
    seconds: Annotated[float, Field(gt=0, le=604_800)] = 3600.0


class Fetching(Edge):
    """Which pictures that an upstream leaves behind a URL are fetched to be labelled; without it none is.

    Attributes:
        hosts: Where they may stand: names, or ``.example.com`` for every name that ends so.
        seconds: How long one may take.
        bytes: How large one may be.
        private: Whether addresses inside of your own network, plain HTTP and other ports may be used too.
    """

    hosts: Annotated[
        tuple[Annotated[str, Field(pattern=r"^\.?[A-Za-z0-9:-][A-Za-z0-9.:-]*$")], ...], Field(min_length=1)
    ]
    seconds: Annotated[float, Field(gt=0, le=120)] = 20.0
    bytes: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = 32 * 1024 * 1024
    private: bool = False


class ResponsesPlace(Edge):
    """Where answers are kept for ``previous_response_id``, and for how long.

    Attributes:
        at: ``memory`` (one process), ``database`` (where the records are), ``redis://…``, or ``nowhere``.
        at_env: The environment variable that holds the address instead, where it has a password.
        seconds: How long, 30 days at most.
        megabytes: How much is kept in memory; the oldest go first.
    """

    at: Annotated[str, Field(pattern=r"^(nowhere|memory|database|(redis|rediss|unix)://.+)$")] = "memory"
    at_env: str | None = None
    seconds: Annotated[float, Field(gt=0, le=2_592_000)] = 86_400.0
    megabytes: Annotated[float, Field(gt=0)] = 64.0


class Endpoint(Edge):
    """An HTTP endpoint of the operator's.

    Attributes:
        url: Where.
        key_env: The environment variable that holds its key; None for none.
        model: Its model, where it has several.
        seconds: How long an answer may take.
    """

    url: Annotated[str, Field(pattern=r"^https?://.+$")]
    key_env: str | None = None
    model: str = ""
    seconds: Annotated[float, Field(gt=0, le=60)] = 3.0


class EmbeddingEndpoint(Endpoint):
    """An endpoint such as ``/v1/embeddings``, in place of the table of vectors that ships.

    Attributes:
        on_error: What it means that a question cannot be embedded: nothing is answered, or it is looked for by its
            words alone, which is counted.
    """

    on_error: Literal["refuse", "words"] = "refuse"


class KnowledgePlace(Edge):
    """The knowledge base that policies ground answers in.

    Attributes:
        database: ``sqlite:///path`` or ``postgresql://…`` (with pgvector).
        database_env: The environment variable that holds the address instead, where it has a password.
        embeddings: What gives texts their meaning; without it the table that ships.
        rerank: An endpoint such as ``/v1/rerank`` that puts passages in order.
        search: The operator's own search, asked where no passage reaches ``unsure``.
        unsure: A confidence in [0, 1].
    """

    database: str = "sqlite:///var/knowledge.db"
    database_env: str | None = None
    embeddings: EmbeddingEndpoint | None = None
    rerank: Endpoint | None = None
    search: Endpoint | None = None
    unsure: Annotated[float, Field(ge=0, le=1)] = 0.3


class BankModel(Edge):
    """What gives answer banks their meaning in place of the table that ships: an endpoint, or a model of your own.

    Attributes:
        url: An endpoint such as ``/v1/embeddings``,
        folder: or a folder with ``model.onnx`` and ``tokenizer.json`` (the extra ``answers-model``).
        key_env: The environment variable that holds the endpoint's key; None for none.
        model: Its model, where it has several. Vectors are kept under this name.
        prefix: What the model wants before every text, such as ``query: ``.
        seconds: How long the meaning of a question may take; then it is judged by the table that ships.
        building: How long the vectors of all new ways may take.
    """

    url: Annotated[str, Field(pattern=r"^https?://.+$")] | None = None
    folder: Annotated[str, Field(min_length=1)] | None = None
    key_env: str | None = None
    model: str = ""
    prefix: Annotated[str, Field(max_length=200)] = ""
    seconds: Annotated[float, Field(gt=0, le=60)] = 2.0
    building: Annotated[float, Field(gt=0, le=86_400)] = 600.0

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.url is None) == (self.folder is None):
            message = "embeddings needs one of url (an endpoint) and folder (a model of your own)"
            raise ValueError(message)
        if self.folder is not None and (self.key_env or self.model):
            message = "key_env and model belong to url: a folder holds one model, and needs no key"
            raise ValueError(message)
        return self


class AnswersPlace(Edge):
    """How answer banks know what is meant.

    Attributes:
        embeddings: The model; without it the table that ships.
        vectors: The file that keeps the vectors of ways of asking.
    """

    embeddings: BankModel | None = None
    vectors: Annotated[str, Field(min_length=1)] = "var/answers.db"


class HandoffPlace(Edge):
    """The people's system, which is told of every question that is handed over (a webhook).

    Attributes:
        url: Where it listens.
        secret_env: The environment variable with the secret that signs, both ways: 24 to 64 bytes in Base64.
        seconds: How long one try may take.
        tries: How often it is tried before a ticket is set aside.
        base: Seconds before the second try; each further pause is twice as long,
        longest: up to this. What is waited differs by chance.
    """

    url: Annotated[str, Field(pattern=r"^https?://.+$")]
    secret_env: Annotated[str, Field(min_length=1)]
    seconds: Annotated[float, Field(gt=0, le=60)] = 10.0
    tries: Annotated[int, Field(ge=1, le=100)] = 15
    base: Annotated[float, Field(gt=0, le=600)] = 2.0
    longest: Annotated[float, Field(gt=0, le=86_400)] = 3600.0
