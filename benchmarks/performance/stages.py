"""Which functions make a stage of fit and of sample; the only place that names them.

Some stages name what did the work in other versions as well, so that these can be compared.
"""

from benchmarks.performance.watch import Stage

FIT = (
    Stage("read", ("tabgan.prepared:read_table",), whole=True),
    Stage(
        "infer and check",
        (
            "tabgan.table.schema:Schema.infer",
            "tabgan.table.schema:Schema.check",
            "tabgan.table.schema:Schema.conform",
            "tabgan.prepared:check_constraints",
        ),
        whole=True,
    ),
    Stage("discover", ("tabgan.table.recast:Recast.fit",), whole=True),
    Stage("summarise", ("tabgan.coding:summarize",), whole=True),
    Stage("fit the codec", ("tabgan.table.codec:TableCodec.fit",), whole=True),
    Stage("encode", ("tabgan.table.codec:TableCodec.encode",), whole=True),
    Stage("plan", ("tabgan.gan.training:plan_stages",), whole=True),
    Stage("set up", ("tabgan.gan.training:Trainer.__init__",)),
    Stage("draw a batch", ("tabgan.gan.training:Trainer._draw", "tabgan.gan.batches:HostBatches.draw"), whole=True),
    Stage(
        "likelihood, forward",
        (
            "tabgan.gan.generator:Generator.surprise",
            "tabgan.gan.generator:Generator.mean_surprise",
        ),
        whole=True,
    ),
    Stage("draw for the critic", ("tabgan.gan.generator:Generator.draw",), whole=True),
    Stage("critic's lesson", ("tabgan.gan.adversary:Adversary.learn",), whole=True),
    Stage("draw with gradient", ("tabgan.gan.generator:Generator.draw_with_gradient",), whole=True),
    Stage("verdict, forward", ("tabgan.gan.adversary:Adversary.verdict",), whole=True),
    Stage("backward", ("torch.autograd:backward",), whole=True),
    Stage(
        "clip and optimiser",
        (
            "torch.optim:Adam.step",
            "tabgan.gan.optimisers:Adam.step",
            "torch.nn.utils:clip_grad_norm_",
        ),
        whole=True,
    ),
    Stage("average", ("tabgan.gan.training:Trainer._update_average", "tabgan.gan.steps:Steps._follow"), whole=True),
    Stage(
        "looks",
        (
            "tabgan.gan.training:Trainer._report",
            "tabgan.gan.course:Course.hear",
            "tabgan.gan.course:Course.judge",
            "tabgan.gan.course:Course.finish",
            "tabgan.gan.course:Course.result",
        ),
        whole=True,
    ),
    Stage("training, else", ("tabgan.gan.training:Trainer.fit",)),
    Stage("realism", ("tabgan.learning:learn_realism",), whole=True),
    Stage("save", ("tabgan.model:TabGAN.save",), whole=True),
)
"""Of a fit; what none of them takes is "else"."""

IN_STEPS = (
    "draw a batch",
    "likelihood, forward",
    "draw for the critic",
    "critic's lesson",
    "draw with gradient",
    "verdict, forward",
    "backward",
    "clip and optimiser",
    "average",
    "training, else",
)
"""The stages of a step."""

SAMPLE = (
    Stage("noise", ("tabgan.gan.sampling:block_noise",), whole=True),
    Stage("draw", ("tabgan.gan.sampling:draw_block",), whole=True),
    Stage("decode", ("tabgan.table.codec:TableCodec.decode",), whole=True),
    Stage("restore columns", ("tabgan.table.recast:Recast.write",), whole=True),
    Stage(
        "write Parquet",
        ("tabgan.table.writer:TableWriter.write", "tabgan.table.writer:TableWriter.__exit__"),
        whole=True,
    ),
)
"""Of a sample that is written to a Parquet file."""
