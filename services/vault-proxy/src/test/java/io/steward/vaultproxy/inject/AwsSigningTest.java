package io.steward.vaultproxy.inject;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.vault.Placeholders;
import io.steward.vaultproxy.inject.Injection.SessionToken;
import io.steward.vaultproxy.inject.Injection.SignAws;
import io.steward.vaultproxy.inject.Signing.Planned;
import io.steward.vaultproxy.inject.Signing.Signed;
import io.steward.vaultproxy.inject.Signing.Unfit;
import io.steward.vaultproxy.policy.HostSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AwsSigningTest {
  private static final SessionId SESSION = SessionId.random(1);
  private static final Placeholder ID = placeholder("AWS_ACCESS_KEY_ID");
  private static final Placeholder KEY = placeholder("AWS_SECRET_ACCESS_KEY");
  private static final Placeholder TOKEN = placeholder("AWS_SESSION_TOKEN");
  private static final String REAL_KEY = "canary-real-key-0123456789";
  private static final byte[] NOTHING = {};
  private static final String DATE = "20150830T123600Z";
  private static final String UNSIGNED = "UNSIGNED-PAYLOAD";

  private final List<String> regions = new ArrayList<>();
  private final List<String> services = new ArrayList<>();

  private static Placeholder placeholder(String name) {
    return new Placeholder(Placeholders.of("salt", SESSION, name));
  }

  private SignAws key() {
    return new SignAws(
        ID,
        KEY,
        "AKIDREAL",
        REAL_KEY.getBytes(US_ASCII),
        new SessionToken(TOKEN, "real-token"),
        regions,
        services);
  }

  private Signing.Plan plan(RequestHead head) {
    return Signing.plan(
        head, List.of(new Injection("vlt_1", "vcrd_1", new HostSet.Every(), key())));
  }

  private Signing planned(RequestHead head) {
    return assertInstanceOf(Planned.class, plan(head)).signings().getFirst();
  }

  private String sentence(RequestHead head) {
    return assertInstanceOf(Unfit.class, plan(head)).sentence();
  }

  private static AwsAuthorization authorization(String... signed) {
    return new AwsAuthorization(
        ID.text(), "20150830", "eu-central-1", "s3", List.of(signed), "0".repeat(64));
  }

  private static RequestHead plain(String... more) {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    headers.add(Map.entry("Host", "bucket.example"));
    headers.add(Map.entry("X-Amz-Date", DATE));
    for (int i = 0; i < more.length; i += 2) {
      headers.add(Map.entry(more[i], more[i + 1]));
    }
    return new RequestHead("PUT", "/a/key", headers);
  }

  /// As an SDK signs it, with what the sandbox holds.
  private static RequestHead signed(RequestHead head, AwsAuthorization how, String payload) {
    String signature = new AwsSignature(how).of(KEY.bytes(), head, DATE, payload);
    return head.with("Authorization", how.text(ID.text(), signature));
  }

  private static String real(RequestHead head, AwsAuthorization how, String payload) {
    byte[] key = REAL_KEY.getBytes(US_ASCII);
    return how.text("AKIDREAL", new AwsSignature(how).of(key, head, DATE, payload));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        UNSIGNED,
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
      })
  void what_is_said_of_the_body_is_signed_anew(String payload) {
    RequestHead head = plain("x-amz-content-sha256", payload);
    AwsAuthorization how = authorization("host", "x-amz-content-sha256", "x-amz-date");
    Signing signing = planned(signed(head, how, payload));
    assertFalse(signing.needsBody());
    assertTrue(signing.fixesBody());
    assertEquals(
        new Signed(Map.of("authorization", real(head, how, payload))),
        signing.sign(head.with("Authorization", "anything"), NOTHING));
  }

  @Test
  void without_a_word_of_the_body_its_hash_is_signed() {
    byte[] body = "hello".getBytes(US_ASCII);
    AwsAuthorization how = authorization("host", "x-amz-date");
    Signing signing = planned(signed(plain(), how, AwsSignature.sha256(body)));
    assertTrue(signing.needsBody());
    assertEquals(
        new Signed(Map.of("authorization", real(plain(), how, AwsSignature.sha256(body)))),
        signing.sign(plain(), body));
    assertInstanceOf(Unfit.class, signing.sign(plain(), "other".getBytes(US_ASCII)));
  }

  @Test
  void a_session_token_is_put_in_before_it_is_signed() {
    String name = "x-amz-security-token";
    RequestHead head = plain("x-amz-content-sha256", UNSIGNED, name, TOKEN.text());
    AwsAuthorization how = authorization("host", "x-amz-date", name);
    assertEquals(
        new Signed(
            Map.of(
                name,
                "real-token",
                "authorization",
                real(head.with(name, "real-token"), how, UNSIGNED))),
        planned(signed(head, how, UNSIGNED)).sign(head, NOTHING));
  }

  @Test
  void headers_are_signed_as_they_leave() {
    RequestHead head = plain("x-amz-content-sha256", UNSIGNED, "X-Amz-Meta-Key", "placeholder");
    AwsAuthorization how = authorization("host", "x-amz-date", "x-amz-meta-key");
    RequestHead out = head.with("X-Amz-Meta-Key", "secret");
    assertEquals(
        new Signed(Map.of("authorization", real(out, how, UNSIGNED))),
        planned(signed(head, how, UNSIGNED)).sign(out, NOTHING));
  }

  @Test
  void a_signature_made_without_the_placeholder_is_not_replaced() {
    RequestHead head = plain("x-amz-content-sha256", UNSIGNED);
    AwsAuthorization how = authorization("host", "x-amz-date");
    RequestHead forged = head.with("Authorization", how.text(ID.text(), "0".repeat(64)));
    RequestHead other = new RequestHead("DELETE", "/a/key", signed(head, how, UNSIGNED).headers());
    for (RequestHead wrong : List.of(forged, other)) {
      Unfit unfit = assertInstanceOf(Unfit.class, planned(wrong).sign(head, NOTHING));
      assertTrue(unfit.sentence().startsWith("The signature was not made over this request"));
    }
  }

  @Test
  void a_header_that_is_not_passed_on_cannot_be_signed() {
    RequestHead head = plain("x-amz-content-sha256", UNSIGNED, "Expect", "100-continue");
    AwsAuthorization how = authorization("expect", "host", "x-amz-date");
    Unfit unfit =
        assertInstanceOf(
            Unfit.class,
            planned(signed(head, how, UNSIGNED))
                .sign(plain("x-amz-content-sha256", UNSIGNED), NOTHING));
    assertEquals(
        "The signature covers the header expect, which is not there or is not passed on: leave it"
            + " out of SignedHeaders.",
        unfit.sentence());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
        "unsigned"
      })
  void chunks_that_are_signed_are_refused(String payload) {
    RequestHead head = plain("x-amz-content-sha256", payload);
    AwsAuthorization how = authorization("host", "x-amz-content-sha256", "x-amz-date");
    assertTrue(sentence(signed(head, how, payload)).contains("Switch chunk signing off"));
  }

  @ParameterizedTest
  @CsvSource({
    "us-east-1, , 'The credential vcrd_1 does not sign for the region \"eu-central-1\".'",
    "eu-central-1, sqs, 'The credential vcrd_1 does not sign for the service \"s3\".'"
  })
  void a_credential_may_be_for_some_regions_and_services(
      String region, String service, String sentence) {
    regions.add(region);
    if (service != null) {
      services.add(service);
    }
    RequestHead head = plain("x-amz-content-sha256", UNSIGNED);
    assertEquals(sentence, sentence(signed(head, authorization("host", "x-amz-date"), UNSIGNED)));
    regions.set(0, "eu-central-1");
    services.clear();
    services.add("s3");
    planned(signed(head, authorization("host", "x-amz-date"), UNSIGNED));
  }

  @Test
  void a_signature_that_could_be_used_elsewhere_is_refused() {
    RequestHead head = plain("x-amz-content-sha256", UNSIGNED);
    assertTrue(
        sentence(signed(head, authorization("x-amz-date"), UNSIGNED))
            .contains("covers the header host"));
    RequestHead late = head.with("X-Amz-Date", "20150831T123600Z");
    assertTrue(
        sentence(signed(late, authorization("host", "x-amz-date"), UNSIGNED))
            .contains("of the day"));
  }

  @Test
  void urls_and_other_algorithms_are_refused() {
    RequestHead presigned =
        new RequestHead(
            "GET",
            "/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" + ID.text() + "%2F2015",
            plain().headers());
    assertTrue(sentence(presigned).startsWith("This is a presigned URL"));
    for (String value :
        List.of(
            "AWS4-ECDSA-P256-SHA256 Credential="
                + ID.text()
                + "/20150830/s3/aws4_request, SignedHeaders=host, Signature=00",
            "AWS " + ID.text() + ":c2lnbmF0dXJl",
            authorization("host").text(ID.text(), "00"))) {
      assertTrue(
          sentence(plain().with("Authorization", value)).contains("is not of the form AWS4"));
    }
  }

  @Test
  void requests_with_other_keys_go_as_they_are() {
    for (RequestHead head :
        List.of(
            plain(),
            plain("Authorization", authorization("host").text("AKIDOTHER", "0".repeat(64))),
            plain("X-Other", ID.text()))) {
      assertEquals(Planned.NOTHING, plan(head));
    }
  }

  @Test
  void nothing_of_it_is_printed() {
    RequestHead head = plain("x-amz-content-sha256", UNSIGNED);
    Signing signing = planned(signed(head, authorization("host", "x-amz-date"), UNSIGNED));
    String printed =
        key() + " " + signing + " " + signing.sign(head, NOTHING) + key().sessionToken();
    assertFalse(printed.contains(REAL_KEY) || printed.contains("real-token"), printed);
  }
}
