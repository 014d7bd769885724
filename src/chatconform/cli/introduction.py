"""What `chatconform serve` says of itself: where it is, how to talk to it, and what it keeps."""

from __future__ import annotations

import shlex
from typing import Any

from rich.console import Console
from rich.text import Text


def introduce(console: Console, url: str, model: str, *, variable: str) -> None:
    """Say where the server is, and how to talk to it; a key is only ever named by its variable."""
    site = url.rpartition("/")[0]
    console.print(f"[bold green]serving[/]  {url}", soft_wrap=True)
    console.print(f"[bold]docs[/]     {site}/docs   {site}/openapi.json", soft_wrap=True)
    console.print("\n[bold]curl[/]\n")
    _verbatim(console, _curl(url, model, variable))
    console.print("\n[bold]Python[/]\n")
    _verbatim(console, _python(url, model, variable))


def introduce_record(console: Console, url: str, settings: Any) -> None:
    """Say what is kept, and how a gateway in front of this server is judged by it."""
    console.print("\n[bold]record[/]\n")
    _verbatim(console, f"Bodies of chat requests, and no keys, are kept in {settings.record}")
    _verbatim(console, f"Let your gateway call {url}, and judge both of its sides:\n")
    file = shlex.quote(str(settings.record))
    _verbatim(console, f"  chatconform run http://GATEWAY/v1 --model MODEL --upstream {file}")
    console.print("\nWhat a question with one of these texts meets:\n")
    for word, text in settings.triggers.items():
        _verbatim(console, f"  {word:16} {text}")


def _curl(url: str, model: str, variable: str) -> str:
    key = f'-H "Authorization: Bearer ${variable}" ' if variable else ""
    body = f'{{"model": "{model}", "messages": [{{"role": "user", "content": "Count from 1 to 5."}}]}}'
    return f"curl {url}/chat/completions {key}-H 'Content-Type: application/json' \\\n  -d '{body}'"


def _python(url: str, model: str, variable: str) -> str:
    key = f'os.environ["{variable}"]' if variable else '"unused"'
    return "\n".join(
        [
            *(["import os"] if variable else []),
            "from openai import OpenAI",
            f'client = OpenAI(base_url="{url}", api_key={key})',
            'question = {"role": "user", "content": "Count from 1 to 5."}',
            f'completion = client.chat.completions.create(model="{model}", messages=[question])',
            "print(completion.choices[0].message.content)",
        ]
    )


def _verbatim(console: Console, text: str) -> None:
    # To be pasted as it stands: no markup, no colours, no line breaks of the console's own.
    console.print(Text(text), soft_wrap=True)
