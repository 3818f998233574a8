package io.steward.vaultproxy.repository;

class InMemoryCloneJournalTest extends CloneJournalContract {
  private final CloneJournal journal = new InMemoryCloneJournal();

  @Override
  CloneJournal journal() {
    return journal;
  }
}
