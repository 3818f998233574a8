package io.steward.vaultproxy.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HtmlTextTest {
  private static final String URL = "https://example.com/a/b";

  @Test
  void what_structures_a_page_stays_readable() {
    String html =
        """
        <!doctype html><html><head><title> The  Title </title><style>p{}</style></head>
        <body><h1>First <em>heading</em></h1>
        <p>A paragraph with <a href="../c?d#e">a link</a>,
           <a href="javascript:x()">no link</a> and <b>bold</b> words.<br>Next line.</p>
        <ul><li>one</li><li><p>two</p><ul><li>inner</li></ul></li><li><div>three</div></li></ul>
        <ol><li>first</li><li>second</li></ol>
        <pre>  keep
           this</pre>
        <table><tr><th>k</th><th>v</th></tr><tr><td>a</td><td>1</td></tr></table>
        <h2><div>Last</div></h2><img src="x" alt="A picture"></body></html>
        """;
    String text =
        """
        # First heading

        A paragraph with [a link](https://example.com/c?d#e), no link and bold words.
        Next line.

        - one
        - two
          - inner
        - three

        1. first
        2. second

        ```
          keep
           this
        ```

        k | v
        a | 1

        ## Last

        A picture\
        """;

    assertEquals(new HtmlText.Page("The Title", text, false), read(html, 10_000));
  }

  @Test
  void what_a_reader_does_not_see_is_left_out() {
    String html =
        """
        <p>seen</p><script>x</script><style>x</style><noscript>x</noscript><template>x</template>
        <!-- x --><p hidden>x</p><p style="color:red; display : NONE">x</p>
        <p style="visibility:hidden">x</p><span aria-hidden=true>x</span><iframe>x</iframe>
        <svg><text>x</text></svg><select><option>x</option></select><a href="https://x.example"></a>
        """;
    assertEquals("seen", read(html, 10_000).text());
  }

  @Test
  void a_text_ends_at_its_limit() {
    assertEquals(new HtmlText.Page("", "12345", true), read("<p>1234567</p><p>8</p>", 5));
    assertEquals(new HtmlText.Page("", "12345", false), read("<p>12345</p>", 5));
  }

  @Test
  void a_text_never_ends_within_a_character() {
    assertEquals("123", read("<p>123\ud83d\ude00</p>", 4).text());
    assertEquals("123\ud83d\ude00", read("<p>123\ud83d\ude00</p>", 5).text());
  }

  @Test
  void a_title_has_a_limit() {
    assertEquals(500, read("<title>" + "x".repeat(1000) + "</title>", 5).title().length());
  }

  @Test
  void the_end_of_a_huge_page_is_left_out() {
    String html = "<p>start</p><!--" + "x".repeat(HtmlText.BYTES_MAX) + "--><p>end</p>";
    assertEquals(new HtmlText.Page("", "start", true), read(html, 100));
  }

  @Test
  void a_page_of_nothing_but_depth_is_read() {
    String html = "<div><ul><li><a href=/x>".repeat(50_000) + "end";
    assertTrue(read(html, 2_000_000).text().contains("end"));
  }

  @Test
  void a_page_says_its_charset_itself() {
    byte[] bytes = "<meta charset=iso-8859-2><p>\u0159</p>".getBytes(Charset.forName("iso-8859-2"));
    assertEquals("\u0159", HtmlText.read(bytes, Optional.empty(), URL, 100).text());
  }

  private static HtmlText.Page read(String html, int charsMax) {
    return HtmlText.read(html.getBytes(StandardCharsets.UTF_8), Optional.empty(), URL, charsMax);
  }
}
