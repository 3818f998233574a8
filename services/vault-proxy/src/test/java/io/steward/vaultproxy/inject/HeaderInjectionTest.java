package io.steward.vaultproxy.inject;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.vault.Placeholders;
import io.steward.vaultproxy.egress.HostName;
import io.steward.vaultproxy.inject.HeaderInjection.Outcome;
import io.steward.vaultproxy.inject.HeaderInjection.Unfit;
import io.steward.vaultproxy.inject.HeaderInjection.Value;
import io.steward.vaultproxy.policy.HostSet;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderInjectionTest {
  private static final Placeholder PLACEHOLDER =
      new Placeholder(Placeholders.of("salt", SessionId.random(1), "KEY"));
  private static final String SECRET = "s3cret-canary";

  @Test
  void placeholders_in_a_value_become_the_secret() {
    Value value =
        value(apply(SECRET, "X-Key", "a " + PLACEHOLDER.text() + "," + PLACEHOLDER.text()));
    assertEquals("a " + SECRET + "," + SECRET, value.text());
    assertEquals(Set.of("vcrd_1"), value.credentialIds());
  }

  @Test
  void a_value_without_placeholder_stays() {
    Value value = value(apply(SECRET, "Authorization", "Basic " + base64("me:mine")));
    assertEquals("Basic " + base64("me:mine"), value.text());
    assertEquals(Set.of(), value.credentialIds());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Basic ", "basic  ", "BASIC "})
  void basic_authorization_is_looked_into(String scheme) {
    Value value =
        value(apply(SECRET, "authorization", scheme + base64("user:" + PLACEHOLDER.text())));
    assertEquals(scheme + base64("user:" + SECRET), value.text());
  }

  @Test
  void base64_elsewhere_is_not_looked_into() {
    String text = "Basic " + base64("user:" + PLACEHOLDER.text());
    assertEquals(text, value(apply(SECRET, "X-Other", text)).text());
  }

  @Test
  void the_form_in_which_a_secret_was_sent_is_taken_out_of_the_answer() {
    Value value =
        value(apply(SECRET, "Authorization", "Basic " + base64("user:" + PLACEHOLDER.text())));
    Scrub scrub = new Scrub(List.of(injection(SECRET)), value.echoes());
    assertEquals(
        "you sent Basic " + base64("user:" + PLACEHOLDER.text()),
        scrub.header("you sent " + value.text()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "trailing\n"})
  void a_secret_that_would_end_a_header_is_refused(String secret) {
    for (String value : List.of(PLACEHOLDER.text(), "Basic " + base64("u:" + PLACEHOLDER.text()))) {
      Unfit unfit = assertInstanceOf(Unfit.class, apply(secret, "Authorization", value));
      assertEquals(
          "The secret of the credential vcrd_1 holds a line break or a zero byte, so it cannot be"
              + " sent in a header.",
          unfit.sentence());
    }
  }

  @Test
  void too_many_placeholders_are_refused() {
    assertInstanceOf(Unfit.class, apply(SECRET, "X-Key", PLACEHOLDER.text().repeat(17)));
  }

  @Test
  void a_secret_for_bodies_only_does_not_get_into_headers() {
    Injection body =
        new Injection(
            "vlt_1",
            "vcrd_1",
            PLACEHOLDER,
            SECRET.getBytes(UTF_8),
            new HostSet.Every(),
            false,
            true);
    assertEquals(
        PLACEHOLDER.text(),
        value(new HeaderInjection(List.of(body)).apply("X-Key", PLACEHOLDER.text())).text());
  }

  @ParameterizedTest
  @CsvSource({
    "example.com, true",
    "example.com.evil.test, false",
    "a.example.com, false",
    "b.wild.example, true",
    "wild.example, false"
  })
  void a_secret_is_bound_to_hosts(String host, boolean covered) throws Exception {
    Injection bound =
        new Injection(
            "vlt_1",
            "vcrd_1",
            PLACEHOLDER,
            SECRET.getBytes(UTF_8),
            HostSet.listed(List.of("example.com", "*.wild.example")),
            true,
            true);
    assertEquals(covered, bound.covers(HostName.parse(host)));
  }

  @ParameterizedTest
  @CsvSource({
    "'say pass\"w/ rd!', 'say <p>'",
    "'pass\"w/ rd!', '<p>'",
    "'{\"a\":\"pass\\\"w/ rd!\"}', '{\"a\":\"<p>\"}'",
    "'{\"a\":\"pass\\\"w\\/ rd!\"}', '{\"a\":\"<p>\"}'",
    "'?a=pass%22w%2F+rd%21', '?a=<p>'",
    "'?a=pass%22w%2F%20rd%21', '?a=<p>'",
    "'pass', 'pass'"
  })
  void an_answer_is_scrubbed_of_the_usual_forms(String in, String out) {
    Scrub scrub = new Scrub(List.of(injection("pass\"w/ rd!")), List.of());
    assertEquals(out.replace("<p>", PLACEHOLDER.text()), scrub.header(in));
  }

  @Test
  void short_secrets_are_not_looked_for_in_answers() {
    assertEquals(
        "a secret7", new Scrub(List.of(injection("secret7")), List.of()).header("a secret7"));
  }

  @Test
  void what_does_not_look_like_a_placeholder_is_none() {
    assertThrows(
        IllegalArgumentException.class, () -> new Placeholder("steward_placeholder_short"));
  }

  @Test
  void secrets_are_not_printed() {
    Injection injection = injection(SECRET);
    String printed =
        injection
            + " "
            + apply(SECRET, "X-Key", PLACEHOLDER.text())
            + new Replacement(PLACEHOLDER.bytes(), SECRET.getBytes(UTF_8), "vcrd_1");
    assertFalse(printed.contains(SECRET), printed);
  }

  private static Outcome apply(String secret, String name, String value) {
    return new HeaderInjection(List.of(injection(secret))).apply(name, value);
  }

  private static Injection injection(String secret) {
    return new Injection(
        "vlt_1", "vcrd_1", PLACEHOLDER, secret.getBytes(UTF_8), new HostSet.Every(), true, false);
  }

  private static Value value(Outcome outcome) {
    return assertInstanceOf(Value.class, outcome);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }
}
