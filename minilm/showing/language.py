"""The language of what is shown: English or Chinese.

Both texts stand side by side where they are used, `say("a word", "一个词")`: whoever changes one sees the other.
"""

import os
import re
from collections.abc import Callable, Mapping

from minilm.errors import InputError, said

LANGUAGES = {"en": "English", "zh": "中文"}
VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")  # POSIX: the first that says anything counts


def chosen(asked: str | None = None, environment: Mapping[str, str] = os.environ) -> str:
    """"en" or "zh": what was asked for, else what the environment says, else English.

    Raises InputError for a language that was asked for and is not there.
    """
    if asked is not None:
        if primary(asked) not in LANGUAGES:
            known = " and ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
            raise InputError(f"--lang {said(asked)}: there are {known}")
        return primary(asked)
    value = next((environment[name] for name in VARIABLES if environment.get(name)), "")
    return primary(value) if primary(value) in LANGUAGES else "en"


def primary(code: str) -> str:
    """The language of a locale's name: that of zh_CN.UTF-8 is zh."""
    return re.split(r"[-_.@]", code, maxsplit=1)[0].lower()


def in_language(language: str) -> Callable[[str, str], str]:
    """say(english, chinese) -> the one of them."""
    if language not in LANGUAGES:
        raise ValueError(f"a language is one of {', '.join(LANGUAGES)}, not {language!r}")
    place = list(LANGUAGES).index(language)
    return lambda english, chinese: (english, chinese)[place]
