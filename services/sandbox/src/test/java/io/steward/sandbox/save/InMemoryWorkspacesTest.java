package io.steward.sandbox.save;

import io.steward.schemas.id.SessionId;
import java.time.Duration;

class InMemoryWorkspacesTest extends WorkspacesContract {
  private final InMemoryHeads heads = new InMemoryHeads();
  private final InMemoryWorkspaces workspaces = new InMemoryWorkspaces(heads);

  @Override
  Workspaces workspaces() {
    return workspaces;
  }

  @Override
  Heads heads() {
    return heads;
  }

  @Override
  void age(SessionId session, Duration time) {
    workspaces.pass(time);
  }
}
