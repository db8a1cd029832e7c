import torch

from tabgan.gan.losses import critic_loss


def test_the_critic_is_paid_for_high_scores_of_real_rows() -> None:
    assert critic_loss(torch.tensor([3.0, 5.0]), torch.tensor([1.0, 0.0])).item() == 0.5 - 4.0


def test_the_critic_is_taught_to_part_real_from_made() -> None:
    real, made = torch.zeros(4, requires_grad=True), torch.zeros(2, requires_grad=True)
    critic_loss(real, made).backward()
    assert real.grad is not None
    assert made.grad is not None
    assert real.grad.tolist() == [-0.25] * 4
    assert made.grad.tolist() == [0.5] * 2
