"""The run record: one JSONL document for each run, from header to footer."""

from chatconform.record.answer import answer_of, is_strict
from chatconform.record.decode import exchange_from_json, judgement_from_json
from chatconform.record.encode import exchange_to_json, judgement_to_json
from chatconform.record.reader import IncompleteRecord, RecordError, read_record, read_rows
from chatconform.record.rows import Footer, Header, PlayRow, Policy, Record, Row, TargetInfo, Tokens
from chatconform.record.writer import RecordWriter, begin_header

__all__ = [
    "Footer",
    "Header",
    "IncompleteRecord",
    "PlayRow",
    "Policy",
    "Record",
    "RecordError",
    "RecordWriter",
    "Row",
    "TargetInfo",
    "Tokens",
    "answer_of",
    "begin_header",
    "exchange_from_json",
    "exchange_to_json",
    "is_strict",
    "judgement_from_json",
    "judgement_to_json",
    "read_record",
    "read_rows",
]
