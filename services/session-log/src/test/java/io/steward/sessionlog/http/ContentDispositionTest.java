package io.steward.sessionlog.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentDispositionTest {
  @ParameterizedTest
  @CsvSource({
    "a.txt, a.txt, a.txt",
    "a b.txt, a b.txt, a%20b.txt",
    "ü😀.txt, __.txt, %C3%BC%F0%9F%98%80.txt",
    "'a\"b\\c.txt', a_b_c.txt, a%22b%5Cc.txt",
    "'a\r\nset-cookie: b', a__set-cookie: b, a%0D%0Aset-cookie%3A%20b",
    "100%;x='y', 100%;x='y', 100%25%3Bx%3D%27y%27"
  })
  void a_name_stays_inside_its_parameter(String filename, String ascii, String encoded) {
    assertEquals(
        "attachment; filename=\"" + ascii + "\"; filename*=UTF-8''" + encoded,
        ContentDisposition.attachment(filename));
  }
}
