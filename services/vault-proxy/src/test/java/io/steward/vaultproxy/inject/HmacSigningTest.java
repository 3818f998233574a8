package io.steward.vaultproxy.inject;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.vault.Placeholders;
import io.steward.vaultproxy.inject.Injection.Algorithm;
import io.steward.vaultproxy.inject.Injection.Encoding;
import io.steward.vaultproxy.inject.Injection.SignHmac;
import io.steward.vaultproxy.inject.Signing.Planned;
import io.steward.vaultproxy.inject.Signing.Signed;
import io.steward.vaultproxy.inject.Signing.Unfit;
import io.steward.vaultproxy.policy.HostSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HmacSigningTest {
  private static final Placeholder PLACEHOLDER =
      new Placeholder(Placeholders.of("salt", SessionId.random(1), "WEBHOOK_KEY"));
  private static final byte[] BODY = "what do ya want for nothing?".getBytes(UTF_8);

  /// RFC 2202 and RFC 4231, test case 2.
  @ParameterizedTest
  @CsvSource({
    "SHA1, HEX, '', effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
    "SHA256, HEX, sha256=, 5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    "SHA256, BASE64, 'v1,', W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=",
    "SHA512, HEX, '', 164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
  })
  void the_code_of_the_body_takes_the_place_of_the_placeholder(
      Algorithm algorithm, Encoding encoding, String prefix, String code) {
    SignHmac how = how(algorithm, encoding, prefix, List.of(), ".");
    for (String value : List.of(PLACEHOLDER.text(), prefix + PLACEHOLDER.text())) {
      Signing signing = planned(how, Map.entry("x-signature", value));
      assertTrue(signing.needsBody());
      assertFalse(signing.fixesBody());
      assertEquals(new Signed(Map.of("X-Signature", prefix + code)), signing.sign(head(), BODY));
    }
  }

  @Test
  void headers_can_come_before_the_body() {
    SignHmac how = how(Algorithm.SHA256, Encoding.HEX, "", List.of("X-Id", "X-Time"), " ");
    Signing signing = planned(how, Map.entry("X-Signature", PLACEHOLDER.text()));
    assertEquals(
        new Signed(
            Map.of(
                "X-Signature", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")),
        signing.sign(
            head(Map.entry("x-time", " do"), Map.entry("x-id", "what")),
            "ya want for nothing?".getBytes(UTF_8)));
    Unfit unfit = assertInstanceOf(Unfit.class, signing.sign(head(Map.entry("X-Id", "1")), BODY));
    assertEquals(
        "The signature of the credential vcrd_1 covers the header X-Time, so the request must have"
            + " it, once.",
        unfit.sentence());
  }

  @Test
  void a_request_without_the_placeholder_in_that_header_goes_as_it_is() {
    SignHmac how = how(Algorithm.SHA256, Encoding.HEX, "", List.of(), ".");
    assertEquals(
        Planned.NOTHING,
        plan(how, Map.entry("X-Signature", "mine"), Map.entry("X-Other", PLACEHOLDER.text())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"<p><p>", "sha512=<p>", "<p>;v=1"})
  void the_placeholder_stands_alone(String value) {
    SignHmac how = how(Algorithm.SHA256, Encoding.HEX, "sha256=", List.of(), ".");
    assertInstanceOf(
        Unfit.class, plan(how, Map.entry("X-Signature", value.replace("<p>", PLACEHOLDER.text()))));
  }

  @Test
  void two_headers_of_that_name_are_refused() {
    SignHmac how = how(Algorithm.SHA256, Encoding.HEX, "", List.of(), ".");
    assertInstanceOf(
        Unfit.class,
        plan(
            how,
            Map.entry("X-Signature", PLACEHOLDER.text()),
            Map.entry("x-signature", "another")));
  }

  private static SignHmac how(
      Algorithm algorithm,
      Encoding encoding,
      String prefix,
      List<String> signed,
      String separator) {
    return new SignHmac(
        PLACEHOLDER,
        "Jefe".getBytes(UTF_8),
        algorithm,
        encoding,
        "X-Signature",
        prefix,
        signed,
        separator);
  }

  @SafeVarargs
  private static RequestHead head(Map.Entry<String, String>... headers) {
    return new RequestHead("POST", "/", List.of(headers));
  }

  @SafeVarargs
  private static Signing.Plan plan(SignHmac how, Map.Entry<String, String>... headers) {
    return Signing.plan(
        head(headers), List.of(new Injection("vlt_1", "vcrd_1", new HostSet.Every(), how)));
  }

  @SafeVarargs
  private static Signing planned(SignHmac how, Map.Entry<String, String>... headers) {
    return assertInstanceOf(Planned.class, plan(how, headers)).signings().getFirst();
  }
}
