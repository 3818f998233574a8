package io.steward.harness.log;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;

/// Questions of one kind, of which one request can carry many. While a request is under way,
/// further ones wait for the next; an answer is never older than its question.
final class AskedTogether<K, V> {
  private final Function<Set<K>, Function<K, CompletionStage<V>>> request;
  private Map<K, CompletableFuture<V>> waiting = new HashMap<>();
  private boolean asking;

  /// @param request sends one request for some keys, and tells the answer to each
  AskedTogether(Function<Set<K>, Function<K, CompletionStage<V>>> request) {
    this.request = request;
  }

  CompletableFuture<V> ask(K key) {
    CompletableFuture<V> answer;
    synchronized (this) {
      answer = waiting.computeIfAbsent(key, _ -> new CompletableFuture<>());
      if (asking) {
        return answer;
      }
      asking = true;
    }
    send();
    return answer;
  }

  private void send() {
    Map<K, CompletableFuture<V>> asked;
    synchronized (this) {
      asked = waiting;
      waiting = new HashMap<>();
      if (asked.isEmpty()) {
        asking = false;
        return;
      }
    }
    try {
      Function<K, CompletionStage<V>> answers = request.apply(asked.keySet());
      asked.forEach((key, answer) -> pass(answers.apply(key), answer));
    } catch (KafkaException e) {
      asked.values().forEach(answer -> answer.completeExceptionally(e));
    }
    var _ =
        CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
            .whenComplete((_, _) -> send());
  }

  private static <V> void pass(CompletionStage<V> from, CompletableFuture<V> to) {
    var _ =
        from.whenComplete((value, failure) -> {
          if (failure == null) {
            to.complete(value);
          } else {
            to.completeExceptionally(failure);
          }
        });
  }
}
