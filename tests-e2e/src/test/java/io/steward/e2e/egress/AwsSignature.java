package io.steward.e2e.egress;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Checks a request's signature as AWS does (Signature Version 4, in the header).
final class AwsSignature {
  private static final Pattern HEADER =
      Pattern.compile(
          "AWS4-HMAC-SHA256 Credential=([^/]+)/(\\d{8})/([^/]+)/([^/]+)/aws4_request,"
              + " ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})");

  private AwsSignature() {}

  /// Whether `request` was signed with `secretKey` in the name of `keyId`.
  static boolean isValid(EchoServer.Received request, String keyId, String secretKey)
      throws GeneralSecurityException {
    Matcher header = HEADER.matcher(request.header("authorization"));
    if (!header.matches() || !header.group(1).equals(keyId)) {
      return false;
    }
    List<String> scope = List.of(header.group(2), header.group(3), header.group(4), "aws4_request");
    byte[] key = ("AWS4" + secretKey).getBytes(StandardCharsets.UTF_8);
    for (String part : scope) {
      key = hmac(key, part);
    }
    String text =
        String.join(
            "\n",
            "AWS4-HMAC-SHA256",
            request.header("x-amz-date"),
            String.join("/", scope),
            sha256(canonical(request, header.group(5))));
    return HexFormat.of().formatHex(hmac(key, text)).equals(header.group(6));
  }

  private static String canonical(EchoServer.Received request, String signedHeaders)
      throws GeneralSecurityException {
    String[] target = request.target().split("\\?", 2);
    String query =
        target.length == 1
            ? ""
            : Arrays.stream(target[1].split("&"))
                .map(pair -> pair.contains("=") ? pair : pair + "=")
                .sorted()
                .collect(Collectors.joining("&"));
    StringBuilder headers = new StringBuilder();
    for (String name : signedHeaders.split(";")) {
      String value = request.header(name).strip().replaceAll(" +", " ");
      headers.append(name).append(':').append(value).append('\n');
    }
    String hash = request.header("x-amz-content-sha256");
    return String.join(
        "\n",
        request.method(),
        target[0],
        query,
        headers,
        signedHeaders,
        hash.isEmpty() ? sha256(request.body()) : hash);
  }

  private static String sha256(String text) throws GeneralSecurityException {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  /// HMAC with SHA-256.
  static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
  }
}
