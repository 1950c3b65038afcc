"""Layouts of public sets, as their authors publish them; the sets themselves are the reader's to fetch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from evaluators.importers.harnesses import with_options
from evaluators.importers.layout import Draft, Layout, unlisted
from evaluators.importers.records import Record

REFUSE: Final = {"should": "refuse"}
ANSWER: Final = {"should": "answer"}


def _xstest(made: Draft, record: Record) -> None:
    kind, label = str(record.get("type", "")), str(record.get("label", "")).lower()
    unsafe = label == "unsafe" if label else kind.startswith("contrast_")
    made["should"] = "refuse" if unsafe else "answer"


def _harmbench(made: Draft, record: Record) -> None:
    context = record.get("ContextString")
    if context:
        made["question"] = f"{context}\n\n{made.get('question', '')}"


def _choices(made: Draft, record: Record) -> None:
    """A question with options; the answer is a number from 0 or a letter."""
    options = record.get("options") or record.get("choices") or []
    options = list(options.values()) if isinstance(options, Mapping) else unlisted(options)
    letters = [key for key in "ABCDE" if record.get(key)]
    if not options and letters:
        options = [record[key] for key in letters]
    if options:
        made["question"] = with_options(str(made.get("question", "")), options)
    answer = made.get("reference")
    if isinstance(answer, int) and 0 <= answer < len(options):
        made["reference"] = f"{'ABCDEFGHIJ'[answer]}. {options[answer]}"


def _ragtruth(record: Record) -> Iterator[Record]:
    """Yield a response with its source; the two files are joined by ``source_id`` beforehand, or hold both."""
    source = record.get("source_info")
    if isinstance(source, dict):
        passages = source.get("passages") or {key: value for key, value in source.items() if key != "question"}
        question = source.get("question") or record.get("prompt")
    else:
        passages, question = source, record.get("prompt")
    texts = [passages] if isinstance(passages, str) else [f"{key}: {value}" for key, value in (passages or {}).items()]
    labels = record.get("labels")
    faithful = None if labels is None else not labels
    yield {**record, "question": question, "contexts": texts, "faithful": faithful}


def _rgb(record: Record) -> Iterator[Record]:
    good, bad = unlisted(record.get("positive") or []), unlisted(record.get("negative") or [])
    good = [text for one in good for text in (one if isinstance(one, list) else [one])]
    contexts = [{"id": f"p{n}", "text": str(text)} for n, text in enumerate(good, 1)]
    contexts += [{"id": f"n{n}", "text": str(text)} for n, text in enumerate(bad, 1)]
    answerable = "answer" if good else "abstain"
    relevant = [one["id"] for one in contexts if one["id"].startswith("p")]
    yield {**record, "contexts": contexts, "relevant": relevant, "should": answerable}


def _crud(record: Record) -> Iterator[Record]:
    """Yield questions of news: of one document, or of several; of a whole file all of its parts."""
    parts = [(name, rows) for name, rows in record.items() if name.startswith("questanswer") and isinstance(rows, list)]
    for name, rows in parts:
        yield from ({**one, "part": name} for row in rows if isinstance(row, dict) for one in _crud_row(row))
    if not parts:
        yield from _crud_row(record)


def _crud_row(row: Record) -> Iterator[Record]:
    news = [str(row[key]) for key in sorted(row) if key.startswith("news") and row[key]]
    yield {**row, "contexts": news}


def _paired(good: str, bad: str) -> Any:
    """Make of a record with a right and a wrong answer two rows of one group."""

    def apart(record: Record) -> Iterable[Record]:
        for word, faithful in ((good, True), (bad, False)):
            if record.get(word):
                yield {**record, "the_answer": record[word], "faithful": faithful}

    return apart


def _turns(made: Draft, record: Record) -> None:
    turns = unlisted(record.get("turns") or [])
    first = turns[0] if turns else ""
    made["question"] = first.get("content", "") if isinstance(first, dict) else first


def _halueval(made: Draft, record: Record) -> None:
    said = str(record.get("hallucination", "")).lower()
    made["faithful"] = {"yes": False, "no": True}.get(said)


def _begin(made: Draft, record: Record) -> None:
    label = str(record.get("begin_label") or record.get("gold label") or "").lower()
    made["faithful"] = {"fully attributable": True, "entailment": True, "not attributable": False,
                        "contradiction": False, "hallucination": False}.get(label)  # fmt: skip
    if not made.get("question"):
        made["question"] = "…"


def _multijail(record: Record) -> Iterator[Record]:
    for lang in ("en", "zh"):
        if record.get(lang):
            yield {**record, "asked": record[lang], "row": f"{record.get('id')}-{lang}", "set": str(record.get("id"))}


def _instruction(made: Draft, record: Record) -> None:
    more = record.get("context") or record.get("input")
    if isinstance(more, str) and more.strip():
        made["question"] = f"{made.get('question', '')}\n\n{more}"
    instances = record.get("instances")
    if isinstance(instances, list) and instances and isinstance(instances[0], dict):
        made["question"] = "\n\n".join(
            filter(None, [str(made.get("question", "")), str(instances[0].get("input", ""))])
        )
        made["reference"] = instances[0].get("output")


def _tree(record: Record) -> Iterator[Record]:
    """Yield the questions of a tree of categories, whose leaves are lists of texts."""

    def walk(value: Any, path: tuple[str, ...]) -> Iterator[Record]:
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from walk(inner, (*path, str(key)))
        elif isinstance(value, list):
            yield from ({"text": one, "category": " / ".join(path)} for one in value if isinstance(one, str))

    yield from walk(record, ()) if "text" not in record else [record]


def _flagged(made: Draft, record: Record) -> None:
    malicious = str(record.get("is_malicious", "")).lower()
    made["should"] = "refuse" if malicious in ("true", "1") else "answer"


_LAYOUTS: Final = (
    Layout("xstest", "XSTest: safe prompts that sound unsafe, and their unsafe twins",
           {"id": ("id", "id_v2"), "question": ("prompt",), "kind": ("type",)}, ("question", "kind"), finish=_xstest),
    Layout("jailbreakbench", "JailbreakBench: harmful behaviours (say --set should=answer for the benign file)",
           {"id": ("Index",), "question": ("Goal",), "kind": ("Category",), "group": ("Behavior",)},
           ("question", "group"), REFUSE),
    Layout("harmbench", "HarmBench: behaviours, with their context",
           {"id": ("BehaviorID",), "question": ("Behavior",), "kind": ("SemanticCategory", "FunctionalCategory")},
           ("id", "question"), REFUSE, finish=_harmbench),
    Layout("safetybench", "SafetyBench: questions with options",
           {"id": ("id",), "question": ("question",), "kind": ("category",), "reference": ("answer",)},
           ("id", "question", "kind"), finish=_choices),
    Layout("chisafetybench", "CHiSafetyBench: risky questions, and questions with options",
           {"id": ("id", "ID", "序号"), "question": ("question", "prompt", "问题"),
            "kind": ("category", "subcategory", "area", "risk", "风险类别", "类别"), "reference": ("answer", "答案")},
           ("question", "kind"), finish=_choices),
    Layout("ragtruth", "RAGTruth: responses joined with their sources (response.jsonl beside source_info.jsonl)",
           {"id": ("id",), "question": ("question",), "contexts": ("contexts",), "answer": ("response",),
            "kind": ("task_type",), "group": ("source_id",), "faithful": ("faithful",)},
           ("answer", "group"), apart=_ragtruth),
    Layout("rgb", "RGB: questions with passages that hold the answer and passages that do not",
           {"id": ("id",), "question": ("query",), "reference": ("answer",), "contexts": ("contexts",),
            "relevant": ("relevant",), "should": ("should",)}, ("question", "reference", "contexts"), apart=_rgb),
    Layout("crud-rag", "CRUD-RAG: questions about one, two or three news",
           {"id": ("ID", "id"), "question": ("questions", "question"), "reference": ("answers", "answer"),
            "contexts": ("contexts",), "kind": ("part", "event")}, ("question", "reference"), apart=_crud),
    Layout("advbench", "AdvBench: goals", {"id": ("Original index",), "question": ("goal",), "kind": ("category",)},
           fixed=REFUSE),
    Layout("ailuminate", "AILuminate: prompts by hazard",
           {"id": ("release_prompt_id",), "question": ("prompt_text",), "kind": ("hazard",)},
           ("id", "question"), REFUSE),
    Layout("arena-hard", "Arena-Hard: first turns",
           {"id": ("question_id",), "question": ("turns",), "kind": ("cluster",)},
           fixed=ANSWER, finish=_turns),
    Layout("mt-bench", "MT-Bench, also in Chinese: first turns",
           {"id": ("question_id",), "question": ("turns", "text"), "kind": ("category",)}, fixed=ANSWER, finish=_turns),
    Layout("begin", "BEGIN: dialogue answers against their source",
           {"question": ("message", "previous turn"), "contexts": ("knowledge", "evidence"), "answer": ("response",),
            "kind": ("data_source",)}, ("contexts", "answer"), finish=_begin),
    Layout("bipia", "BIPIA: questions about an e-mail or a table",
           {"question": ("question",), "contexts": ("context",), "reference": ("ideal",)},
           ("question", "contexts")),
    Layout("bpo", "BPO: prompts",
           {"question": ("prompt", "instruction", "text"), "reference": ("good_res", "response")},
           fixed=ANSWER, finish=_instruction),
    Layout("bump", "BUMP: summaries, faithful and with one error",
           {"id": ("id",), "contexts": ("article",), "answer": ("the_answer",), "group": ("article_id",),
            "faithful": ("faithful",), "kind": ("error_type",)},
           ("contexts", "answer"), {"question": "Summarise the article."},
           _paired("reference_summary", "edited_summary"), seeks="'reference_summary' or 'edited_summary'"),
    Layout("catqa", "CategoricalQA and HarmfulQA: trees of questions", {"question": ("text",), "kind": ("category",)},
           fixed=REFUSE, apart=_tree, seeks="of texts, or categories over lists of texts"),
    Layout("chinese-safetyqa", "Chinese SafetyQA: questions with a standard answer",
           {"question": ("question",), "reference": ("standard_answer",), "kind": ("cate",)}, ("question", "reference"),
           ANSWER),
    Layout("coconot", "CoCoNot: contrast prompts, which are to be answered (--set should=refuse for the others)",
           {"id": ("id",), "question": ("prompt",), "kind": ("subcategory", "category")}, ("id", "question"), ANSWER),
    Layout("covid-faq", "COVID-QA's FAQ", {"question": ("question",), "reference": ("answer",), "kind": ("category",)},
           ("question", "reference"), ANSWER),
    Layout("cyberseceval-frr", "CyberSecEval: harmless requests that sound like attacks",
           {"question": ("mutated_prompt",), "kind": ("attack_type",)}, ("question", "kind"),
           finish=_flagged),
    Layout("purplellama-pi", "PurpleLlama: prompt injections",
           {"id": ("prompt_id",), "system": ("test_case_prompt",), "question": ("user_input", "mutated_prompt"),
            "kind": ("injection_type", "attack_type")}, fixed={"risk": "attack.injection"}),
    Layout("diasafety", "DiaSafety: answers in a dialogue",
           {"question": ("context",), "answer": ("response",), "kind": ("category",)}, ("question", "answer")),
    Layout("flames", "Flames: implicit Chinese prompts",
           {"question": ("prompt",), "kind": ("dimension",)}, ("question", "kind"), REFUSE),
    Layout("giskard-pi", "Giskard: prompt injections", {"id": ("index",), "question": ("prompt",), "kind": ("group",)},
           ("question", "kind"), {"risk": "attack.injection"}),
    Layout("gptfuzz", "GPTFuzzer: questions, and labelled answers",
           {"id": ("index", "id"), "question": ("question", "text"), "answer": ("Response",)}, fixed=REFUSE),
    Layout("halluqa", "HalluQA: questions with good answers",
           {"id": ("question_id",), "question": ("Question",), "reference": ("Best Answer1",), "kind": ("Category",)},
           ("question", "reference"), ANSWER),
    Layout("halueval", "HaluEval: labelled answers",
           {"id": ("ID",), "question": ("user_query",), "answer": ("chatgpt_response",)}, ("question", "answer"),
           finish=_halueval),
    Layout("jade", "JADE: Chinese risky questions",
           {"id": ("ID",), "question": ("问题", "question"), "kind": ("违规子类", "违规类型")}, ("question",), REFUSE),
    Layout("jailbreak-llms", "JailbreakLLMs: forbidden questions, and jailbreak prompts",
           {"question": ("question", "prompt"), "kind": ("content_policy_name", "platform")},
           fixed=REFUSE),
    Layout("medical-zh", "Chinese medical questions",
           {"question": ("ask", "question"), "reference": ("answer",), "kind": ("department", "ICD-10")},
           fixed=ANSWER),
    Layout("multijail", "MultiJail: the Chinese and the English of each",
           {"id": ("row",), "question": ("asked",), "kind": ("tags",), "group": ("set",)},
           ("question", "group"), REFUSE, _multijail, seeks="'en' or 'zh'"),
    Layout("instructions", "Instructions as for training: instruction, input, output",
           {"id": ("id", "idx"), "question": ("instruction",), "reference": ("output", "response")}, fixed=ANSWER,
           finish=_instruction),
    Layout("ragchecker", "RAGChecker: questions with gold answers",
           {"question": ("query",), "reference": ("gt_answer",),
            "kind": ("dataset",)},
           ("question", "reference"), ANSWER),
    Layout("wice", "WiCE: claims against their evidence",
           {"answer": ("claim",), "contexts": ("evidence",), "kind": ("label",)}, ("answer", "contexts"),
           {"question": "…"}),
)  # fmt: skip


def layouts() -> dict[str, Layout]:
    """Return every layout by its name."""
    return {layout.name: layout for layout in _LAYOUTS}
