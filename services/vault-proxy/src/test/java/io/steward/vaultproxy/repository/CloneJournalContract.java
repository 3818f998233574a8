package io.steward.vaultproxy.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.schemas.egress.EgressCommand.CloneRepository;
import io.steward.schemas.egress.RepositoryResult;
import io.steward.schemas.id.SessionId;
import io.steward.vaultproxy.repository.CloneJournal.Known;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What every journal of clones does.
abstract class CloneJournalContract {
  private final SessionId session = SessionId.random(1);

  abstract CloneJournal journal();

  private CloneRepository command(String attempt) {
    return new CloneRepository(
        session, "sesrsc_01x", attempt, "https://github.com/a/b", null, null);
  }

  private RepositoryResult result(String attempt, String message) {
    return new RepositoryResult(
        session, "sesrsc_01x", attempt, null, "repository_clone_error", message);
  }

  private Known start(String attempt) {
    return journal().start(command(attempt), "wrkspc_default");
  }

  @Test
  void a_start_is_counted_until_the_attempt_ends() {
    assertEquals(new Known.Started(1), start("1"));
    assertEquals(new Known.Started(2), start("1"));
    assertEquals(new Known.Started(1), start("2"));
  }

  @Test
  void an_attempt_that_ended_has_its_first_result_for_ever() {
    start("1");

    assertEquals(Optional.of(result("1", "first")), journal().end(result("1", "first")));
    assertEquals(Optional.of(result("1", "first")), journal().end(result("1", "second")));
    assertEquals(new Known.Ended(result("1", "first")), start("1"));
  }

  @Test
  void an_attempt_of_a_forgotten_session_has_no_result() {
    start("1");
    journal().forget(session);

    assertEquals(Optional.empty(), journal().end(result("1", "late")));
  }
}
