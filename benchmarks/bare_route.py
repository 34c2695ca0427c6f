"""A route that reads the same question and gives the same answer as `POST /v1/prompts`, and looks nothing up.

What it takes is the price of HTTP, JSON and the framework, which `benchmarks.prompting` compares with.
"""

import os

from fastapi import FastAPI

from api.host.prompts import PromptQuestion, PromptToShow, WordsOfPrompt
from domain.facts import Milestone, SmsState
from offramp import serving

app = FastAPI()

_ANSWER = PromptToShow(
    prompt_id="p" * 300,
    show="step",
    step=Milestone.PASSKEY_ENROLLED,
    skippable=True,
    skips_left=3,
    until=None,
    words=WordsOfPrompt(title="t" * 60, body="b" * 200, action="a" * 20, later="l" * 20, cannot="c" * 20),
    go_to="https://accounts.example.com/oidc/authorize?acr_values=urn%3Aofframp%3Asetup",
    codes_end_at=None,
    only_enrols=False,
    sms=SmsState.ON,
)


@app.post("/v1/prompts")
def ask(_question: PromptQuestion) -> PromptToShow:
    """Say what is said to everybody."""
    return _ANSWER


if __name__ == "__main__":
    serving.serve(app, host="127.0.0.1", port=int(os.environ["OFFRAMP_API_PORT"]))
