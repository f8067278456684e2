"""The one generation loop: prefill in chunks, then one id per row and step, until every row's stop rules hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from minimax_vl.batch import Batch
from minimax_vl.decode import last_ids
from minimax_vl.errors import CheckpointError, ContextTooLong, InvalidRequest
from minimax_vl.sampling import Sampler, SamplingParams, check
from minimax_vl.tokenizer import Tokenizer

if TYPE_CHECKING:
    from minimax_vl.decode import DecodeSteps
    from minimax_vl.model import VLModel
    from minimax_vl.reply import FinishReason

DEFAULT_NEW_TOKENS = 256
MOST_THOUGHT = 256  # ids of a thought, its brackets among them; one that would be longer is closed there


@dataclass(frozen=True, kw_only=True)
class GenerationParams(SamplingParams):
    """How an answer is written: how its ids are drawn, and when it ends."""

    # Of the answer, a thought before it not counted. None: 256, or what the context leaves.
    max_new_tokens: int | None = None
    stop: tuple[str, ...] | str = ()  # the answer ends before the first of these strings
    choices: tuple[str, ...] = ()  # the answer is the one whose first id is likeliest; () for any text
    logprobs: bool = False
    prefill_chunk: int = 8192  # tokens of a row per call; smaller needs less memory

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.max_new_tokens is not None:
            check("max_new_tokens", self.max_new_tokens, "1 or more", lambda n: n >= 1, Integral)
        check("prefill_chunk", self.prefill_chunk, "1 or more", lambda n: n >= 1, Integral)
        if isinstance(self.stop, str):
            object.__setattr__(self, "stop", (self.stop,))
        for name, texts in (("stop", self.stop), ("choices", self.choices)):
            several = isinstance(texts, Collection) and not isinstance(texts, str)
            if not (several and all(isinstance(text, str) and text for text in texts)):
                raise InvalidRequest(
                    found=f"{name}={texts!r}",
                    expected="strings of at least one character",
                    cause="a string split at its separators, or a variable with nothing in it",
                    next_step=f"leave {name} out, or correct it",
                )


class Answer:
    """One row being written: its prompt, the ids so far, and the text that may already be shown."""

    def __init__(
        self, prompt: Sequence[int], params: GenerationParams, tokenizer: Tokenizer, context: int
    ) -> None:
        """Raises ContextTooLong when prompt and answer do not fit into `context` positions."""
        self.prompt, self.params = list(prompt), params
        self.limit = _room(len(self.prompt), params.max_new_tokens, context)
        most = self.limit if tokenizer.think is None else self.limit + MOST_THOUGHT
        self.room = min(most, context - len(self.prompt))  # for ids of all kinds
        self.ids: list[int] = []
        self.logprobs: list[float] = []
        self.finish_reason: FinishReason | None = None
        self.text = ""
        self.thought = ""  # what the model wrote for itself before it answered
        self.thought_ids = 0  # as many of `ids` are none of the answer
        self._thinking = False
        self._shown = self._told = 0
        self._sampler = Sampler(params, self.prompt)
        self._decoder = tokenizer.stream()
        self._eos, self._think, self._thought = tokenizer.eos, tokenizer.think, tokenizer.thought
        self._choices = {tokenizer.encode(text)[0]: text for text in params.choices}  # by their first id
        if len(self._choices) < len(params.choices):
            raise InvalidRequest(
                found=f"choices={params.choices!r}, of which two begin with the same token",
                expected="choices that the first token tells apart",
                cause="long choices, or one that is given twice",
                next_step="put letters before them and give those as the choices",
            )

    @property
    def greedy(self) -> bool:
        """Whether the most likely id is always the next."""
        return self._sampler.greedy and not self._choices

    @property
    def foreseen(self) -> bool:
        """Whether the next id will be the likeliest, of which nothing else is asked, and not the last by its number."""
        plain = self.greedy and not self.params.logprobs and not self._thinking
        return self.finish_reason is not None or (plain and bool(self.ids) and self._left > 1)

    @property
    def _left(self) -> int:
        """As many ids may follow, at least."""
        return min(self.limit - len(self.ids) + self.thought_ids, self.room - len(self.ids))

    def _closes(self, id: int) -> bool:
        """Whether a thought ends here: to leave the answer its room, or because the model would end all."""
        return self._thinking and (id == self._eos or self.thought_ids >= self.room - self.limit - 1)

    def take(self, logits: Tensor | None, likeliest: int | None = None) -> None:
        """Draw the next id from logits [V] fp32, or take `likeliest` when greedy, and apply the stop rules.

        Raises CheckpointError where the prompt has led to something else than numbers. An id that was `foreseen`
        comes without logits.
        """
        if logits is None:
            assert likeliest is not None
            self._add(likeliest)
            return
        # Asked once an answer: a state with NaN in it keeps it.
        if not self.ids and bool(logits.isnan().any()):
            raise CheckpointError(
                found="logits that are not numbers",
                expected="finite ones",
                cause="a dtype whose range the model's sums pass, damaged weights, or a device that fails",
                next_step="load with dtype='bf16' or 'fp32', or from another copy of the checkpoint",
            )
        if self._choices and not self._still_thinks(logits):
            self._choose(logits)
            return
        id = likeliest if likeliest is not None and self.greedy else self._sampler.pick(logits)
        if self._closes(id) and self._thought is not None:
            id = self._thought
        if id != self._eos:
            self._report(id, logits)
        self._add(id)

    def _add(self, id: int) -> None:
        if id == self._eos:
            self.finish("stop")
            return
        self.ids.append(id)
        if self._thinking and id == self._thought:
            # Half a character is the thought's, and not how the answer begins.
            self._show(self._decoder.flush())
        if self._thinking or (len(self.ids) == 1 and id == self._think):
            self.thought_ids = len(self.ids)
            self._thinking = id != self._thought
        # Brackets that open or close nothing, as a draw may give them, are no text either.
        if id not in (self._think, self._thought):
            self._show(self._decoder.push(id))
        if not self._cut() and self._left < 1:
            self.finish("length")

    def _show(self, piece: str) -> None:
        if self._thinking:
            self.thought += piece
        else:
            self.text += piece

    def _still_thinks(self, logits: Tensor) -> bool:
        """Whether a choice has to wait: for a thought that has begun, or is about to and has room."""
        next_id = int(logits.argmax())
        begins = not self.ids and next_id == self._think and self.room > self.limit + 1
        return (self._thinking and next_id != self._eos) or begins

    def _choose(self, logits: Tensor) -> None:
        """End with the choice whose first id is likeliest; nothing is drawn."""
        ids = list(self._choices)
        id = ids[int(logits[ids].argmax())]
        self.ids.append(id)
        self._report(id, logits)
        self.text = self._choices[id]
        self.finish("stop")

    def _report(self, id: int, logits: Tensor) -> None:
        if self.params.logprobs:
            # Of the model's own distribution: temperature and cut-offs change the choice, not what is reported.
            self.logprobs.append(float(logits[id] - logits.logsumexp(0)))

    def finish(self, reason: FinishReason) -> None:
        """End the answer, unless it has ended, and show what the decoder still holds back."""
        if self.finish_reason is None:
            self.finish_reason = reason
            self._show(self._decoder.flush())

    def fresh(self) -> str:
        """Text not returned before, without an end that may turn out to begin a stop string."""
        end = len(self.text) - (0 if self.finish_reason else self._suspect())
        piece, self._shown = self.text[self._shown : end], max(end, self._shown)
        return piece

    def fresh_thought(self) -> str:
        """What has been thought and not been returned before."""
        piece, self._told = self.thought[self._told :], len(self.thought)
        return piece

    def _cut(self) -> bool:
        """Ends the answer at the earliest stop string."""
        found = [at for at in (self.text.find(stop, self._shown) for stop in self.params.stop) if at >= 0]
        if found:
            self.text, self.finish_reason = self.text[: min(found)], "stop"
        return bool(found)

    def _suspect(self) -> int:
        """How many last characters are the beginning of a stop string."""
        sizes = (n for stop in self.params.stop for n in range(1, len(stop)) if self.text.endswith(stop[:n]))
        return max(sizes, default=0)


@torch.inference_mode()
def generate(
    model: VLModel,
    answers: Sequence[Answer],
    features: Tensor | None,
    pad_id: int = 0,
    steps: DecodeSteps | None = None,
    open_batch: Callable[..., Batch] = Batch,
) -> Iterator[None]:
    """Write all `answers` together; yields after each id, when every unfinished row has grown by one.

    features [N, C]: of the images of all rows, in order. Rows of unequal prompts are left-padded. A row that ends
    leaves the batch, or with one of `steps`, whose batch is fixed, goes on unread. Closing the iterator stops the
    model: nothing runs between two steps. `open_batch` makes what runs it, from the arguments of `Batch`.
    """
    ids, pad = left_padded([answer.prompt for answer in answers], pad_id)
    embeds = model.embed(ids, features)  # [B, T, C]
    room = embeds.shape[1] + max(answer.room for answer in answers) - 1  # the last id drawn is never fed back
    batch = open_batch(model, steps, len(answers), room, max(answer.limit for answer in answers))
    try:
        yield from _write(model, answers, batch, embeds, pad.to(model.device) if pad.any() else None)
    finally:
        batch.close()


def _write(
    model: VLModel, answers: Sequence[Answer], batch: Batch, embeds: Tensor, pad: Tensor | None
) -> Iterator[None]:
    chunk = min(embeds.shape[1], *(int(answer.params.prefill_chunk) for answer in answers))
    first, *rest = embeds.split(chunk, dim=1)
    logits = batch.read(first, pad)  # [B, V]
    for part in rest:
        logits = batch.read(part)
    del embeds, first, rest  # views of the prompt's embeddings, which decoding does not need

    active = list(answers)
    while True:
        logits[:, model.config.image_token_index] = -torch.inf  # an image slot cannot be answered with
        if batch.step is not None and all(answer.foreseen for answer in active):
            # What follows is written while these ids are looked at. A step too many is nobody's loss.
            ids, logits = _go_on(batch, logits.argmax(-1))
            for answer, id in zip(active, ids, strict=True):
                if answer.finish_reason is None:
                    answer.take(None, id)
            yield
            if all(answer.finish_reason for answer in active):
                return
            continue
        take_ids(active, logits)
        yield
        going = [i for i, answer in enumerate(active) if answer.finish_reason is None]
        if not going:
            return
        if len(going) < len(active) and batch.keep(going):
            active = [active[i] for i in going]
        logits = batch.write(last_ids([answer.ids for answer in active]))


def _go_on(batch: Batch, chosen: Tensor) -> tuple[list[int], Tensor]:
    """The ids [B] that a device has chosen, and the logits behind them, which it may still be computing."""
    if not (batch.ahead and chosen.is_cuda):
        ids = chosen.tolist()
        return ids, batch.write(torch.tensor(ids)[:, None])
    here = torch.empty(chosen.shape, dtype=chosen.dtype, pin_memory=True).copy_(chosen, non_blocking=True)
    arrived = torch.cuda.current_stream(chosen.device).record_event()
    logits = batch.write(chosen[:, None])
    arrived.synchronize()  # waits for the ids, not for what follows
    return here.tolist(), logits


def take_ids(answers: Sequence[Answer], logits: Tensor) -> None:
    """The next id of each unfinished answer, from its row of logits [B, V]; greedy ones ask the device once."""
    asked = any(answer.greedy and answer.finish_reason is None for answer in answers)
    likeliest = logits.argmax(-1).tolist() if asked else [None] * len(answers)
    for answer, row, id in zip(answers, logits, likeliest, strict=True):
        if answer.finish_reason is None:
            answer.take(row, id)


def left_padded(prompts: Sequence[Sequence[int]], pad_id: int) -> tuple[Tensor, Tensor]:
    """Prompts as one block [B, T], and how many padding ids stand before each, [B]."""
    T = max(map(len, prompts))
    rows = [[pad_id] * (T - len(prompt)) + list(prompt) for prompt in prompts]
    return torch.tensor(rows), torch.tensor([T - len(prompt) for prompt in prompts])


def check_length(texts: Iterable[str], tokenizer: Tokenizer, context: int) -> None:
    """Raises ContextTooLong for texts that cannot fit, before the seconds that splitting megabytes takes."""
    fewest = sum(map(len, texts)) // tokenizer.longest
    if fewest > context:
        raise _too_long(f"a prompt of {fewest} tokens or more", context)


def _room(prompt: int, asked: int | None, context: int) -> int:
    """How many ids the answer may have."""
    if prompt + (asked or 1) > context:
        wanted = f" and max_new_tokens={asked}" if asked else ""
        raise _too_long(f"a prompt of {prompt} tokens{wanted}", context)
    return asked or min(DEFAULT_NEW_TOKENS, context - prompt)


def _too_long(found: str, context: int) -> ContextTooLong:
    return ContextTooLong(
        found=found,
        expected=f"at most {context} tokens together",
        cause="a long question, many images, or a conversation that has grown",
        next_step="shorten the text, cut images into fewer tiles (max_tiles), drop earlier turns, or raise the"
        " limit (load(context=...), --context) when the model can take it",
    )
