package io.steward.schemas.kafka;

import io.steward.schemas.vault.AuditRetention;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;

/// Makes the topics, checks those that are there, lets a subscriber read, and ends: what a job of a
/// cluster runs before the services are installed or upgraded.
///
/// | variable | default | |
/// | --- | --- | --- |
/// | `KAFKA_BOOTSTRAP_SERVERS` | none | addresses of brokers |
/// | [#PARTITIONS] | 8 | partitions of every session-keyed topic, from 1 to 10,000 |
/// | [#REPLICATION] | 1 | replicas of every partition, from 1 to 100 |
/// | [AuditRetention#VARIABLE] | `400d` | how long uses of credentials are kept |
/// | [SubscriberAccess#PRINCIPAL] | none | who may follow sessions; the brokers' ACLs are added to |
/// | [SubscriberAccess#GROUP_PREFIX] | `subscriber-` | what the names of its groups begin with |
/// | [BrokerAccess#VARIABLE] | none | the file with TLS and SASL |
public final class ProvisionTopics {
  /// The variable with the partitions.
  public static final String PARTITIONS = "STEWARD_SESSION_PARTITIONS";

  /// The variable with the replicas.
  public static final String REPLICATION = "STEWARD_TOPIC_REPLICATION";

  private static final String SERVERS = "KAFKA_BOOTSTRAP_SERVERS";
  private static final int PARTITIONS_MAX = 10_000;
  private static final int REPLICATION_MAX = 100;
  private static final System.Logger LOG = System.getLogger(ProvisionTopics.class.getName());

  private ProvisionTopics() {}

  /// Ends with code 1 and one line when the topics are not there as they must be.
  public static void main(String... arguments) {
    try {
      provision(System.getenv());
    } catch (IllegalArgumentException | IllegalStateException | KafkaException e) {
      LOG.log(Level.ERROR, sentence(e));
      System.exit(1);
    }
  }

  /// Does it.
  ///
  /// @param environment the variables above
  /// @throws IllegalArgumentException with a sentence when a variable is wrong
  /// @throws IllegalStateException with a sentence when a topic is wrong, or Kafka is away
  public static void provision(Map<String, String> environment) {
    String servers = environment.getOrDefault(SERVERS, "");
    if (servers.isBlank()) {
      throw new IllegalArgumentException(SERVERS + " is not set; it must name the brokers.");
    }
    int partitions = number(environment, PARTITIONS, 8, PARTITIONS_MAX);
    int replication = number(environment, REPLICATION, 1, REPLICATION_MAX);
    String retention = environment.getOrDefault(AuditRetention.VARIABLE, "");
    AuditRetention audit =
        retention.isBlank() ? AuditRetention.USUAL : AuditRetention.parse(retention);
    Optional<SubscriberAccess> subscriber = SubscriberAccess.of(environment);
    TopicProvisioning.ensure(servers, partitions, (short) replication, audit);
    subscriber.ifPresent(access -> access.grant(servers));
    LOG.log(
        Level.INFO,
        "the topics are there, with {0} partitions for sessions, new ones with {1} replicas",
        partitions,
        replication);
  }

  private static int number(Map<String, String> environment, String name, int usual, int max) {
    String text = environment.getOrDefault(name, "").strip();
    if (text.isEmpty()) {
      return usual;
    }
    if (text.matches("[0-9]{1,9}")) {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= max) {
        return number;
      }
    }
    throw new IllegalArgumentException(
        name + " is \"" + text + "\"; it must be a number from 1 to " + max + ".");
  }

  /// Kafka says in the cause what it means, such as that a name is not resolvable.
  private static String sentence(RuntimeException e) {
    Throwable cause = e.getCause();
    return e instanceof KafkaException && cause != null
        ? e.getMessage() + ": " + cause.getMessage()
        : String.valueOf(e.getMessage());
  }
}
