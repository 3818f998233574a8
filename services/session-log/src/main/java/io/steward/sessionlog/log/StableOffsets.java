package io.steward.sessionlog.log;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/// Asks Kafka for last stable offsets: every record a reader could have seen before the question
/// lies below the answer. A record that was only acknowledged may lie above, held back by a
/// transaction that is open on its partition. One thread asks for everybody who waits at that
/// moment.
@Singleton
public class StableOffsets {
  private static final int QUESTIONS_MAX = 10_000;
  private static final Duration ANSWER_MAX = Duration.ofSeconds(5);

  private final KafkaClients clients;
  private final BlockingQueue<Question> questions = new ArrayBlockingQueue<>(QUESTIONS_MAX);
  private final Thread thread;

  StableOffsets(KafkaClients clients) {
    this.clients = clients;
    this.thread = Thread.ofPlatform().name("stable-offsets").daemon().start(this::answer);
  }

  private record Question(
      Set<TopicPartition> partitions, CompletableFuture<Map<TopicPartition, Long>> answer) {}

  /// The last stable offsets of partitions.
  ///
  /// @throws ApiException 503 when Kafka does not answer
  public Map<TopicPartition, Long> of(Set<TopicPartition> partitions) {
    Question question = new Question(partitions, new CompletableFuture<>());
    if (!questions.offer(question)) {
      throw unavailable(null);
    }
    try {
      return question.answer.get(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw unavailable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(e);
    }
  }

  /// The last stable offset of one partition.
  public long of(TopicPartition partition) {
    Long offset = of(Set.of(partition)).get(partition);
    if (offset == null) {
      throw unavailable(null);
    }
    return offset;
  }

  @PreDestroy
  void stop() {
    thread.interrupt();
  }

  private void answer() {
    try (Consumer<String, byte[]> consumer = clients.consumer()) {
      List<Question> batch = new ArrayList<>();
      while (!Thread.currentThread().isInterrupted()) {
        batch.add(questions.take());
        questions.drainTo(batch);
        answer(consumer, batch);
        batch.clear();
      }
    } catch (InterruptedException | InterruptException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void answer(Consumer<String, byte[]> consumer, List<Question> batch) {
    try {
      Set<TopicPartition> all =
          batch.stream()
              .flatMap(question -> question.partitions.stream())
              .collect(Collectors.toUnmodifiableSet());
      Map<TopicPartition, Long> offsets = consumer.endOffsets(all, ANSWER_MAX);
      batch.forEach(question -> question.answer.complete(offsets));
    } catch (Throwable e) { // This thread is the only one: whatever fails, it goes on.
      batch.forEach(question -> question.answer.completeExceptionally(e));
    }
  }

  private static ApiException unavailable(@Nullable Throwable cause) {
    ApiException exception =
        new ApiException(ApiError.unavailable("The log does not answer; try again soon."));
    if (cause != null) {
      exception.initCause(cause);
    }
    return exception;
  }
}
