package io.steward.vaultproxy.inject;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The test suite that AWS published for Signature Version 4, as far as its requests can come over
/// HTTP, and requests that botocore signed.
class AwsSignatureTest {
  private static final byte[] KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".getBytes(US_ASCII);
  private static final String DATE = "20150830T123600Z";
  private static final String TOKEN =
      "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";

  /// Header lines are parted by `|`.
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "get-vanilla, GET, /, , , 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        "get-unreserved, GET,"
            + " /-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz, , ,"
            + " 07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
        "get-slashes, GET, //example//, , ,"
            + " 9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
        "get-vanilla-query-order-key-case, GET, /?Param2=value2&Param1=value1, , ,"
            + " b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        "get-vanilla-query-order-value, GET, /?Param1=value2&Param1=value1, , ,"
            + " 5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694",
        "get-vanilla-utf8-query, GET, /?%E1%88%B4=bar, , ,"
            + " 2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
        "get-header-value-order, GET, /, My-Header1:value4|My-Header1:value1|My-Header1:value3"
            + "|My-Header1:value2, ,"
            + " 08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
        "get-header-key-duplicate, GET, /, My-Header1:value2|My-Header1:value2|My-Header1:value1, ,"
            + " c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
        "get-header-value-trim, GET, /, My-Header1: value1|My-Header2: \"a   b   c\", ,"
            + " acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        "get-vanilla-with-session-token, GET, /, X-Amz-Security-Token:"
            + TOKEN
            + ", ,"
            + " 07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
        "post-x-www-form-urlencoded, POST, /, Content-Type:application/x-www-form-urlencoded,"
            + " Param1=value1,"
            + " ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        "botocore: encoded once more, GET, /a%20b/../c//d%2Fe/, , ,"
            + " d3492514f060b5a78a6bae092526aab35619e93d528c01a9cb0d7b16f3bbacde",
        "botocore: query, GET, /?b=2&a=%2F&a=1&c, , , d898439a79e45df48324fe341a6ac2e845fdaa151d12bf4a18c04b64268c4398"
      })
  void signatures_are_those_of_aws(
      String name, String method, String target, String headers, String body, String signature) {
    assertEquals(
        signature, signature("service", method, target, lines(headers), body == null ? "" : body));
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /bucket//a%20b/../%C3%A4~%281%29?list-type=2&prefix=x%2Fy&delimiter=, , '', 0e31ec7b4ad2d3ebaa050f42158c60f6b3c597009f2161a1812dca6d10b60c49",
    "PUT, /bucket/key, x-amz-meta-a:  b   c , hello,"
        + " 2edbc7f7b796be8da619c06cd8cd6d94ea12c740ef10dad815d4ecf35b0d54af"
  })
  void s3_takes_a_path_as_it_is(
      String method, String target, String headers, String body, String signature) {
    List<String> lines = new ArrayList<>(lines(headers));
    lines.add("X-Amz-Content-Sha256:" + AwsSignature.sha256(body.getBytes(UTF_8)));
    assertEquals(signature, signature("s3", method, target, lines, body));
  }

  private static List<String> lines(String headers) {
    return headers == null ? List.of() : List.of(headers.split("\\|", -1));
  }

  private static String signature(
      String service, String method, String target, List<String> lines, String body) {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    headers.add(Map.entry("Host", "example.amazonaws.com"));
    headers.add(Map.entry("X-Amz-Date", DATE));
    lines.forEach(line -> {
      int colon = line.indexOf(':');
      headers.add(Map.entry(line.substring(0, colon), line.substring(colon + 1)));
    });
    List<String> signed =
        headers.stream()
            .map(header -> header.getKey().toLowerCase(Locale.ROOT))
            .distinct()
            .sorted()
            .toList();
    return new AwsSignature(
            new AwsAuthorization("AKIDEXAMPLE", "20150830", "us-east-1", service, signed, ""))
        .of(
            KEY,
            new RequestHead(method, target, headers),
            DATE,
            AwsSignature.sha256(body.getBytes(UTF_8)));
  }
}
