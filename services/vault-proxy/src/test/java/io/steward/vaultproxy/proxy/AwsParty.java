package io.steward.vaultproxy.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Either side of Signature Version 4, for plain paths without query: what a client signs with its
/// key, and what a service expects that knows the key. Shares nothing with the proxy.
record AwsParty(String accessKeyId, String key) {
  static final String DATE = "20260102T030405Z";

  /// The value of `Authorization`.
  ///
  /// @param headers by their names in lower case
  String authorization(
      String scope,
      String method,
      String path,
      Map<String, String> headers,
      List<String> signed,
      String payload) {
    String canonical =
        method
            + "\n"
            + path
            + "\n\n"
            + signed.stream()
                .map(name -> name + ":" + headers.get(name) + "\n")
                .collect(Collectors.joining())
            + "\n"
            + String.join(";", signed)
            + "\n"
            + payload;
    String text =
        "AWS4-HMAC-SHA256\n" + headers.get("x-amz-date") + "\n" + scope + "\n" + sha256(canonical);
    byte[] derived = ("AWS4" + key).getBytes(UTF_8);
    for (String part : scope.split("/", -1)) {
      derived = mac(derived, part);
    }
    return "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s"
        .formatted(
            accessKeyId,
            scope,
            String.join(";", signed),
            HexFormat.of().formatHex(mac(derived, text)));
  }

  /// Whether a request was signed with this key, over all headers of AWS it has.
  boolean signed(
      String method, String path, Map<String, String> headers, String authorization, byte[] body) {
    String[] parts = authorization.split("Credential=|, SignedHeaders=|, Signature=", -1);
    String prefix = accessKeyId + "/";
    if (parts.length != 4 || !parts[1].startsWith(prefix)) {
      return false;
    }
    List<String> signed = Arrays.asList(parts[2].split(";", -1));
    boolean complete =
        signed.contains("host")
            && headers.keySet().stream()
                .filter(name -> name.startsWith("x-amz-"))
                .allMatch(signed::contains);
    String payload = headers.getOrDefault("x-amz-content-sha256", sha256(body));
    boolean honest = payload.contains("UNSIGNED-PAYLOAD") || payload.equals(sha256(body));
    String scope = parts[1].substring(prefix.length());
    return complete
        && honest
        && authorization(scope, method, path, headers, signed, payload).equals(authorization);
  }

  static String sha256(String text) {
    return sha256(text.getBytes(UTF_8));
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] mac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
