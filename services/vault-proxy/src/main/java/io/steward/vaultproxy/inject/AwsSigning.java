package io.steward.vaultproxy.inject;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.steward.vaultproxy.inject.Injection.SessionToken;
import io.steward.vaultproxy.inject.Injection.SignAws;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A request that the sandbox signed with its placeholders, signed anew with the key of AWS: for
/// the same scope, over the same headers. Source: ADR 22.
///
/// A signature is made only in place of one that is right for the placeholder, and it always covers
/// the host: nobody can use it anywhere else.
///
/// @param in what the sandbox signed
/// @param date the value of `x-amz-date`
/// @param payload what it says of its body, or null when the body itself is hashed
record AwsSigning(
    String credentialId,
    SignAws key,
    AwsAuthorization authorization,
    RequestHead in,
    String date,
    @Nullable String payload)
    implements Signing {
  private static final String AUTHORIZATION = "authorization";
  private static final String DATE = "x-amz-date";
  private static final String PAYLOAD = "x-amz-content-sha256";
  private static final String TOKEN = "x-amz-security-token";
  private static final Pattern MOMENT = Pattern.compile("[0-9]{8}T[0-9]{6}Z");
  private static final Pattern PAYLOADS =
      Pattern.compile("[0-9a-f]{64}|UNSIGNED-PAYLOAD|STREAMING-UNSIGNED-PAYLOAD-TRAILER");

  /// Nothing is planned for a request that does not name the placeholder of the access key id.
  static Plan plan(RequestHead in, String credentialId, SignAws key) {
    String id = key.id().text();
    if (in.query().contains("X-Amz-Credential=" + id)) {
      return new Unfit(
          "This is a presigned URL, and the proxy does not sign URLs: send the request with an"
              + " Authorization header, as the AWS CLI and the SDKs do for every operation.");
    }
    List<String> values = in.values(AUTHORIZATION);
    if (values.stream().noneMatch(value -> value.contains(id))) {
      return Planned.NOTHING;
    }
    Optional<AwsAuthorization> parsed = AwsAuthorization.parse(values.getFirst());
    if (values.size() > 1 || parsed.isEmpty() || !parsed.get().accessKeyId().equals(id)) {
      return new Unfit(
          "The Authorization header names the access key of the credential "
              + credentialId
              + ", but is not of the form AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…,"
              + " Signature=…; other algorithms, such as AWS4-ECDSA-P256-SHA256, cannot be signed"
              + " anew.");
    }
    return plan(in, credentialId, key, parsed.get());
  }

  private static Plan plan(
      RequestHead in, String credentialId, SignAws key, AwsAuthorization authorization) {
    String outside =
        !allows(key.regions(), authorization.region())
            ? "region \"" + authorization.region()
            : !allows(key.services(), authorization.service())
                ? "service \"" + authorization.service()
                : null;
    if (outside != null) {
      return new Unfit(
          "The credential " + credentialId + " does not sign for the " + outside + "\".");
    }
    List<String> dates = in.values(DATE);
    boolean dated =
        dates.size() == 1
            && MOMENT.matcher(dates.getFirst()).matches()
            && dates.getFirst().startsWith(authorization.date());
    if (!dated || !authorization.signedHeaders().contains("host")) {
      return new Unfit(
          "A request is signed anew when its signature covers the header host, and it has one"
              + " header x-amz-date of the day that Credential names.");
    }
    List<String> payloads = in.values(PAYLOAD);
    String payload = payloads.isEmpty() ? null : payloads.getFirst();
    if (payloads.size() > 1 || payload != null && !PAYLOADS.matcher(payload).matches()) {
      return new Unfit(
          "The header x-amz-content-sha256 must be the SHA-256 of the body, UNSIGNED-PAYLOAD or"
              + " STREAMING-UNSIGNED-PAYLOAD-TRAILER: a body in chunks that are signed one by one"
              + " (STREAMING-AWS4-…) cannot be signed anew. Switch chunk signing off in the"
              + " client.");
    }
    return new Planned(
        List.of(new AwsSigning(credentialId, key, authorization, in, dates.getFirst(), payload)));
  }

  private static boolean allows(List<String> names, String name) {
    return names.isEmpty() || names.contains(name);
  }

  @Override
  public boolean needsBody() {
    return payload == null;
  }

  @Override
  public boolean fixesBody() {
    return true;
  }

  @Override
  public Outcome sign(RequestHead out, byte[] body) {
    for (String name : authorization.signedHeaders()) {
      if (in.values(name).isEmpty() || out.values(name).isEmpty()) {
        return new Unfit(
            "The signature covers the header "
                + name
                + ", which is not there or is not passed on: leave it out of SignedHeaders.");
      }
    }
    String hash = payload == null ? AwsSignature.sha256(body) : payload;
    AwsSignature signature = new AwsSignature(authorization);
    String own = signature.of(key.key().bytes(), in, date, hash);
    if (!MessageDigest.isEqual(
        own.getBytes(US_ASCII), authorization.signature().getBytes(US_ASCII))) {
      return new Unfit(
          "The signature was not made over this request with the placeholder that this sandbox"
              + " holds for the secret access key of the credential "
              + credentialId
              + ".");
    }
    Map<String, String> headers = new HashMap<>();
    RequestHead sent = out;
    SessionToken token = key.sessionToken();
    if (token != null && out.values(TOKEN).equals(List.of(token.placeholder().text()))) {
      headers.put(TOKEN, token.text());
      sent = out.with(TOKEN, token.text());
    }
    headers.put(
        AUTHORIZATION,
        authorization.text(
            key.accessKeyId(), signature.of(key.secretAccessKey(), sent, date, hash)));
    return new Signed(headers);
  }

  @Override
  public String toString() {
    return "AwsSigning[" + credentialId + "]";
  }
}
