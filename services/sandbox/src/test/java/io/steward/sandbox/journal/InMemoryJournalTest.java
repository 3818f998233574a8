package io.steward.sandbox.journal;

class InMemoryJournalTest extends JournalContract {
  private final Journal journal = new InMemoryJournal();

  @Override
  Journal journal() {
    return journal;
  }
}
