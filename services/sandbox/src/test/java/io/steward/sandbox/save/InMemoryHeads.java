package io.steward.sandbox.save;

import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The newest save points without a database. While `broken`, it does not answer.
public final class InMemoryHeads implements Heads {
  private final Map<SessionId, Head> heads = new HashMap<>();
  private boolean broken;

  @Override
  public synchronized Optional<Head> find(SessionId session) throws IOException {
    check();
    return Optional.ofNullable(heads.get(session));
  }

  @Override
  public synchronized boolean advance(SessionId session, Optional<Head> expected, Head next)
      throws IOException {
    check();
    if (!expected.equals(Optional.ofNullable(heads.get(session)))) {
      return false;
    }
    heads.put(session, next);
    return true;
  }

  @Override
  public synchronized void remove(SessionId session) throws IOException {
    check();
    heads.remove(session);
  }

  synchronized void broken(boolean now) {
    broken = now;
  }

  private void check() throws IOException {
    if (broken) {
      throw new IOException("the database is away");
    }
  }
}
