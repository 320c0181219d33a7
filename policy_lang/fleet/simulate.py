"""What-if in time: who gets which update when, if a fleet checks in for some days."""

from policy_lang.fleet.simulation.outcome import Binding, Simulation, UpdateOutcome
from policy_lang.fleet.simulation.run import simulate

__all__ = ["Binding", "Simulation", "UpdateOutcome", "simulate"]
