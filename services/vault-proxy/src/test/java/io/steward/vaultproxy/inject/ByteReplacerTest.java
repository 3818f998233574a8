package io.steward.vaultproxy.inject;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ByteReplacerTest {
  private static final List<Replacement> SHORT =
      List.of(
          replacement("abab", "1"),
          replacement("ab", "2"),
          replacement("ababc", "3"),
          replacement("c", ""));

  @ParameterizedTest
  @CsvSource({
    "xx, xx",
    "ab, 2",
    "abab, 1",
    "ababab, 12",
    "ababc, 3",
    "abaab, 2a2",
    "aababcab, a32",
    "cc, ''",
    "ababx, 1x",
    "aba, 2a"
  })
  void the_longest_from_the_left_is_replaced(String in, String out) {
    assertEquals(out, whole(new ByteReplacer(SHORT, 100), in));
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void the_borders_of_parts_make_no_difference(long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(200); i > 0; i--) {
      text.append("abcx".charAt(random.nextInt(4)));
    }

    ByteReplacer replacer = new ByteReplacer(SHORT, 1000);
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      int end = Math.min(text.length(), at + random.nextInt(4));
      out.append(latin(replacer.feed(bytes(text.substring(at, end)))));
      at = end;
    }
    out.append(latin(replacer.end()));

    assertEquals(whole(new ByteReplacer(SHORT, 1000), text.toString()), out.toString(), "" + seed);
  }

  @Test
  void what_was_put_in_is_not_looked_at_again() {
    assertEquals("abab", whole(new ByteReplacer(List.of(replacement("ab", "abab")), 100), "ab"));
  }

  @Test
  void it_says_whose_secrets_were_used() {
    ByteReplacer replacer =
        new ByteReplacer(
            List.of(
                new Replacement(bytes("one"), bytes("1"), "vcrd_1"),
                new Replacement(bytes("two"), bytes("2"), "vcrd_2")),
            10);
    assertEquals("2 x 2", whole(replacer, "two x two"));
    assertEquals(Set.of("vcrd_2"), replacer.used());
  }

  @Test
  void more_than_the_limit_is_an_error() {
    ByteReplacer replacer = new ByteReplacer(SHORT, 2);
    replacer.feed(bytes("xcxcx"));
    assertThrows(ByteReplacer.TooManyException.class, () -> replacer.feed(bytes("c")));
  }

  private static String whole(ByteReplacer replacer, String in) {
    return latin(replacer.feed(bytes(in))) + latin(replacer.end());
  }

  private static Replacement replacement(String from, String to) {
    return new Replacement(bytes(from), bytes(to), "vcrd_1");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }
}
