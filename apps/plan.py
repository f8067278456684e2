"""minimax-vl plan: what a model needs in memory and which layers fit where, before anything is downloaded."""

from __future__ import annotations

import argparse
import json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model", nargs="?", default="minimax-vl-01", help="preset or checkpoint folder (%(default)s)"
    )
    parser.add_argument("--context", type=int, default=8192, help="tokens of one sequence (%(default)s)")
    parser.add_argument("--devices", help="such as 8x80GB or 2x141GB,cpu=256GB (default: this machine)")
    parser.add_argument(
        "--quantize", choices=("none", "int8", "int4"), help="one weight format (default: all)"
    )
    parser.add_argument(
        "--kv-cache", choices=("int8",), help="keys and values in so many bits (default: bf16)"
    )
    parser.add_argument(
        "--keys", action="store_true", help="print the checkpoint's tensor names, one per line"
    )
    parser.add_argument("--json", action="store_true", help="one line of JSON, sizes in bytes")


def run(args: argparse.Namespace) -> int:
    from minimax_vl.loading.names import published_keys
    from minimax_vl.loading.placement import config_of, plan_memory

    if args.keys:
        keys = published_keys(config_of(args.model))
        print(json.dumps(keys) if args.json else "\n".join(keys))
        return 0
    plan = plan_memory(
        args.model, args.devices, context=args.context, quantize=args.quantize, kv_cache=args.kv_cache
    )
    print(json.dumps(plan.to_dict()) if args.json else plan)
    return 0
