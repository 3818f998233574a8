package io.steward.sessionlog.diagnose;

import io.steward.schemas.kafka.Topics;

/// A service that has to read something before it can act for a session.
enum Service {
  HARNESS("harness", Topics.SESSION_EVENTS),
  SANDBOX("sandbox", Topics.SANDBOX_COMMANDS),
  VAULT_PROXY("vault-proxy." + Topics.EGRESS_COMMANDS, Topics.EGRESS_COMMANDS);

  private final String group;
  private final String topic;

  Service(String group, String topic) {
    this.group = group;
    this.topic = topic;
  }

  /// The consumer group of its instances.
  String group() {
    return group;
  }

  /// What it reads.
  String topic() {
    return topic;
  }

  /// How it stands with the partition of a session.
  sealed interface State {
    /// Kafka did not say, or must not.
    record Unknown() implements State {}

    /// No instance reads the partition.
    record Absent() implements State {}

    /// An instance reads it.
    ///
    /// @param behind how many records before the end of the partition it last stood
    record Reading(long behind) implements State {}
  }
}
