package io.steward.sandbox.shim;

/// This service let go of a sandbox that goes on: who reattaches it learns what became of its
/// calls.
public final class SandboxDetachedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  SandboxDetachedException(String incarnation) {
    super("the sandbox " + incarnation + " goes on without this service");
  }
}
