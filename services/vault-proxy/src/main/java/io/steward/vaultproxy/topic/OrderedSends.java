package io.steward.vaultproxy.topic;

import io.steward.schemas.kafka.RecordSender;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/// Sends what a table keeps until it is on Kafka, in its order.
final class OrderedSends {
  private static final Logger LOG = Logger.getLogger(OrderedSends.class);

  private OrderedSends() {}

  /// Sends `rows` until one is refused at once, and waits for all that were sent: none may arrive
  /// after this returned.
  ///
  /// @param name what a row is called in the log
  /// @return how many were taken before the first that was not
  static <T> int send(
      RecordSender sender,
      List<T> rows,
      Function<T, String> name,
      Function<T, ProducerRecord<String, byte[]>> record) {
    List<CompletableFuture<Boolean>> sent = new ArrayList<>(rows.size());
    for (T row : rows) {
      CompletableFuture<Boolean> taken = send(sender, name.apply(row), record.apply(row));
      sent.add(taken);
      if (!taken.getNow(true)) {
        break; // The next one would wait for the brokers as long again.
      }
    }
    List<Boolean> taken = sent.stream().map(CompletableFuture::join).toList();
    int first = taken.indexOf(false);
    return first < 0 ? taken.size() : first;
  }

  private static CompletableFuture<Boolean> send(
      RecordSender sender, String name, ProducerRecord<String, byte[]> record) {
    CompletableFuture<Boolean> taken = new CompletableFuture<>();
    try {
      sender.send(
          record,
          (_, failure) -> {
            if (failure != null) {
              LOG.debugf("%s is not published: %s", name, failure.getMessage());
            }
            taken.complete(failure == null);
          });
    } catch (KafkaException e) {
      LOG.debugf("%s is not published: %s", name, e.getMessage());
      taken.complete(false);
    }
    return taken;
  }
}
