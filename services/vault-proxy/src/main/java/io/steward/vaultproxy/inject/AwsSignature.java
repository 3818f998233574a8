package io.steward.vaultproxy.inject;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Signature Version 4 of AWS, over headers that somebody else chose. Source: "Create a signed AWS
/// API request" in the IAM User Guide.
///
/// S3 takes a path as it is; all other services take it without dots and double slashes and encode
/// it once more.
final class AwsSignature {
  private static final Set<String> SERVICES_OF_S3 =
      Set.of("s3", "s3express", "s3-object-lambda", "s3-outposts");
  private static final String MAC = "HmacSHA256";

  private final AwsAuthorization authorization;

  /// @param authorization names the scope and the headers
  AwsSignature(AwsAuthorization authorization) {
    this.authorization = authorization;
  }

  /// The signature as 64 hexadecimal digits.
  ///
  /// @param head has every header that is signed
  /// @param date the value of `x-amz-date`
  /// @param payload hash of the body, or what stands for it
  String of(byte[] secretKey, RequestHead head, String date, String payload) {
    String toSign =
        String.join(
            "\n",
            AwsAuthorization.ALGORITHM,
            date,
            authorization.scope(),
            sha256(canonical(head, payload).getBytes(ISO_8859_1)));
    byte[] prefix = "AWS4".getBytes(US_ASCII);
    byte[] key = Arrays.copyOf(prefix, prefix.length + secretKey.length);
    System.arraycopy(secretKey, 0, key, prefix.length, secretKey.length);
    for (String part :
        List.of(
            authorization.date(),
            authorization.region(),
            authorization.service(),
            "aws4_request")) {
      key = mac(key, part);
    }
    return HexFormat.of().formatHex(mac(key, toSign));
  }

  String canonical(RequestHead head, String payload) {
    String headers =
        authorization.signedHeaders().stream()
            .map(name -> name + ":" + value(head, name) + "\n")
            .collect(Collectors.joining());
    return String.join(
        "\n",
        head.method(),
        path(head.path()),
        query(head.query()),
        headers,
        String.join(";", authorization.signedHeaders()),
        payload);
  }

  private static String value(RequestHead head, String name) {
    return head.values(name).stream()
        .map(value -> value.strip().replaceAll(" +", " "))
        .collect(Collectors.joining(","));
  }

  private String path(String path) {
    if (SERVICES_OF_S3.contains(authorization.service().toLowerCase(Locale.ROOT))) {
      return Arrays.stream(path.split("/", -1))
          .map(segment -> encoded(decoded(segment)))
          .collect(Collectors.joining("/"));
    }
    List<String> kept = new ArrayList<>();
    for (String segment : path.split("/", -1)) {
      if (segment.equals("..") && !kept.isEmpty()) {
        kept.removeLast();
      } else if (!segment.isEmpty() && !segment.equals(".") && !segment.equals("..")) {
        kept.add(encoded(segment.getBytes(ISO_8859_1)));
      }
    }
    boolean folder = path.endsWith("/") || path.endsWith("/.") || path.endsWith("/..");
    return "/" + String.join("/", kept) + (folder && !kept.isEmpty() ? "/" : "");
  }

  private record Parameter(String name, String value) {}

  private static String query(String query) {
    return Arrays.stream(query.split("&", -1))
        .filter(pair -> !pair.isEmpty())
        .map(pair -> {
          int equals = pair.indexOf('=');
          return new Parameter(
              encoded(decoded(equals < 0 ? pair : pair.substring(0, equals))),
              encoded(decoded(equals < 0 ? "" : pair.substring(equals + 1))));
        })
        .sorted(Comparator.comparing(Parameter::name).thenComparing(Parameter::value))
        .map(parameter -> parameter.name() + "=" + parameter.value())
        .collect(Collectors.joining("&"));
  }

  /// The bytes that `text` stands for; a percent sign that begins nothing is one.
  private static byte[] decoded(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%'
          && i + 2 < text.length()
          && HexFormat.isHexDigit(text.charAt(i + 1))
          && HexFormat.isHexDigit(text.charAt(i + 2))) {
        bytes.write(HexFormat.fromHexDigits(text, i + 1, i + 3));
        i += 2;
      } else {
        bytes.write(c);
      }
    }
    return bytes.toByteArray();
  }

  private static String encoded(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      char c = (char) (b & 0xff);
      boolean kept =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || c == '-'
              || c == '.'
              || c == '_'
              || c == '~';
      if (kept) {
        text.append(c);
      } else {
        text.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
    return text.toString();
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] mac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(key, MAC));
      return mac.doFinal(text.getBytes(US_ASCII));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
