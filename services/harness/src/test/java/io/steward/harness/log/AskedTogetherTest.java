package io.steward.harness.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;

class AskedTogetherTest {
  private final List<Set<Integer>> requests = new ArrayList<>();
  private final Map<Integer, CompletableFuture<String>> open = new HashMap<>();
  private final AskedTogether<Integer, String> questions =
      new AskedTogether<>(keys -> {
        requests.add(Set.copyOf(keys));
        keys.forEach(key -> open.put(key, new CompletableFuture<>()));
        return this::open;
      });

  private CompletableFuture<String> open(Integer key) {
    return open.computeIfAbsent(key, _ -> new CompletableFuture<>());
  }

  @Test
  void what_is_asked_while_a_request_is_under_way_goes_into_the_next_one() {
    CompletableFuture<String> first = questions.ask(1);
    CompletableFuture<String> second = questions.ask(2);
    CompletableFuture<String> third = questions.ask(3);
    assertEquals(List.of(Set.of(1)), requests);

    open(1).complete("one");
    assertEquals(List.of(Set.of(1), Set.of(2, 3)), requests);
    open(3).complete("three");

    assertEquals("one", first.join());
    assertEquals("three", third.join());
    assertFalse(second.isDone());
  }

  @Test
  void the_same_question_is_asked_anew_when_it_comes_after_its_request() {
    var _ = questions.ask(1);
    CompletableFuture<String> later = questions.ask(1);

    open(1).complete("old");
    assertFalse(later.isDone());
    open(1).complete("new");

    assertEquals("new", later.join());
  }

  @Test
  void a_failure_is_told_to_who_asked_and_the_next_request_goes_out() {
    CompletableFuture<String> first = questions.ask(1);
    CompletableFuture<String> second = questions.ask(2);

    open(1).completeExceptionally(new KafkaException("away"));
    open(2).complete("two");

    assertThrows(CompletionException.class, first::join);
    assertEquals("two", second.join());
  }
}
