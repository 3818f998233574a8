package io.steward.vaultproxy.inject;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a header `Authorization: AWS4-HMAC-SHA256 …` says.
///
/// @param date `yyyyMMdd`
/// @param signedHeaders in lower case, in the order the signature has them
/// @param signature 64 hexadecimal digits
record AwsAuthorization(
    String accessKeyId,
    String date,
    String region,
    String service,
    List<String> signedHeaders,
    String signature) {
  static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final Pattern FORM =
      Pattern.compile(
          ALGORITHM
              + " +Credential=([^/, ]+)/([0-9]{8})/([A-Za-z0-9_-]+)/([A-Za-z0-9_.-]+)/aws4_request,"
              + " *SignedHeaders=([!#$%&'*+.^_`|~0-9a-z;-]+), *Signature=([0-9a-f]{64})");

  AwsAuthorization {
    signedHeaders = List.copyOf(signedHeaders);
  }

  static Optional<AwsAuthorization> parse(String value) {
    Matcher parts = FORM.matcher(value.strip());
    return parts.matches()
        ? Optional.of(
            new AwsAuthorization(
                parts.group(1),
                parts.group(2),
                parts.group(3),
                parts.group(4),
                List.of(parts.group(5).split(";", -1)),
                parts.group(6)))
        : Optional.empty();
  }

  /// For which day, region and service a signature is good.
  String scope() {
    return date + "/" + region + "/" + service + "/aws4_request";
  }

  /// The value of the header with another key and another signature.
  String text(String keyId, String newSignature) {
    return "%s Credential=%s/%s, SignedHeaders=%s, Signature=%s"
        .formatted(ALGORITHM, keyId, scope(), String.join(";", signedHeaders), newSignature);
  }
}
