from __future__ import annotations

import httpx
import pytest

from accord_contracts.server import MODELS


def test_the_list_has_every_model_in_order(http: httpx.Client) -> None:
    body = http.get("/models").json()
    assert body["object"] == "list"
    assert [model["id"] for model in body["data"]] == [model.id for model in MODELS]
    for model in body["data"]:
        assert set(model) == {"id", "object", "created", "owned_by", "context_length"}
        assert model["object"] == "model"
        assert len(str(model["created"])) == 10


@pytest.mark.parametrize("model", [model.id for model in MODELS])
@pytest.mark.parametrize("slash", ["/", "%2F"])
def test_each_listed_model_can_be_retrieved(http: httpx.Client, model: str, slash: str) -> None:
    listed = {entry["id"]: entry for entry in http.get("/models").json()["data"]}
    response = http.get(f"/models/{model.replace('/', slash)}")
    assert response.status_code == 200
    assert response.json() == listed[model]


@pytest.mark.parametrize("model", [model.id for model in MODELS])
def test_each_listed_model_answers_under_its_name(http: httpx.Client, model: str) -> None:
    body = {"model": model, "prompt": "x", "max_tokens": 2}
    assert http.post("/completions", json=body).json()["model"] == model


@pytest.mark.parametrize("path", ["/models/nobody", "/models/acme", "/models/acme/accord-mini/x"])
def test_an_unknown_model_is_not_found(http: httpx.Client, path: str) -> None:
    response = http.get(path)
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "model_not_found"
    assert response.json()["error"]["param"] is None


def test_models_differ_in_what_they_say(http: httpx.Client) -> None:
    texts = {
        http.post(
            "/completions",
            json={"model": model.id, "prompt": "The", "max_tokens": 30, "temperature": 0},
        ).json()["choices"][0]["text"]
        for model in MODELS
    }
    assert len(texts) == len(MODELS)
