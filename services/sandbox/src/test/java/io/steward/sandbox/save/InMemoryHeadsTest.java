package io.steward.sandbox.save;

class InMemoryHeadsTest extends HeadsContract {
  private final Heads heads = new InMemoryHeads();

  @Override
  Heads heads() {
    return heads;
  }
}
