package io.steward.agentconfig.sessions;

import io.smallrye.mutiny.Uni;
import io.steward.agentconfig.postgres.PostgresTransactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;

/// The sessions of each environment, and how far the topic was read.
@ApplicationScoped
public class PostgresSessions {
  private static final String ADD_POSITION =
      "insert into {h-schema}consumer_position (partition, position) values (:partition, 0)"
          + " on conflict do nothing";
  private static final String READ_POSITIONS =
      "select partition, position from {h-schema}consumer_position";
  private static final String LOCK_POSITION =
      "select position from {h-schema}consumer_position where partition = :partition for update";
  private static final String MOVE_POSITION =
      "update {h-schema}consumer_position set position = :position"
          + " where partition = :partition and position < :position";
  private static final String ADD_SESSION =
      "insert into {h-schema}session_environment (session_id, workspace_id, environment_id)"
          + " values (:session, :workspace, :environment) on conflict do nothing";
  private static final String REMOVE_SESSION =
      "delete from {h-schema}session_environment where session_id = :session";
  private static final String COUNT =
      "select count(*) from {h-schema}session_environment where environment_id = :environment";

  private final PostgresTransactions transactions;

  PostgresSessions(PostgresTransactions transactions) {
    this.transactions = transactions;
  }

  /// How many sessions refer to an environment, as far as the topic was read.
  public Uni<Long> count(Mutiny.Session session, String environmentId) {
    return session
        .createNativeQuery(COUNT, Long.class)
        .setParameter("environment", environmentId)
        .getSingleResult();
  }

  /// The next offset of each partition; 0 for those never read.
  Map<Integer, Long> positions(List<Integer> partitions) {
    List<Object[]> rows =
        transactions.call(session -> {
          Uni<?> added = Uni.createFrom().voidItem();
          for (int partition : partitions) {
            added =
                added.chain(() ->
                    session
                        .createNativeQuery(ADD_POSITION)
                        .setParameter("partition", partition)
                        .executeUpdate());
          }
          return added.chain(
              () -> session.createNativeQuery(READ_POSITIONS, Object[].class).getResultList());
        });
    Map<Integer, Long> positions = new HashMap<>();
    rows.forEach(row -> positions.put((Integer) row[0], (Long) row[1]));
    return positions;
  }

  /// Stores what was read of one partition up to `position`; what is below the stored position was
  /// stored before and is left out.
  void store(int partition, long position, List<SessionChange> changes) {
    transactions.call(session ->
        session
            .createNativeQuery(LOCK_POSITION, Long.class)
            .setParameter("partition", partition)
            .getSingleResult()
            .chain(stored -> {
              Uni<?> applied = Uni.createFrom().voidItem();
              for (SessionChange change : changes) {
                if (change.offset() >= stored) {
                  applied = applied.chain(() -> apply(session, change));
                }
              }
              return applied;
            })
            .chain(() ->
                session
                    .createNativeQuery(MOVE_POSITION)
                    .setParameter("partition", partition)
                    .setParameter("position", position)
                    .executeUpdate()));
  }

  private static Uni<Integer> apply(Mutiny.Session session, SessionChange change) {
    return switch (change) {
      case SessionChange.Created created ->
          session
              .createNativeQuery(ADD_SESSION)
              .setParameter("session", created.sessionId())
              .setParameter("workspace", created.workspaceId())
              .setParameter("environment", created.environmentId())
              .executeUpdate();
      case SessionChange.Gone gone ->
          session
              .createNativeQuery(REMOVE_SESSION)
              .setParameter("session", gone.sessionId())
              .executeUpdate();
    };
  }
}
