package io.steward.vaultproxy.web;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeFilter;

/// The text of an HTML page: paragraphs, headings, lists, links and preformatted text in the manner
/// of Markdown. What a reader of the page does not see is left out. Walks the page without
/// recursion, as deep as it may be.
final class HtmlText implements NodeFilter {
  private static final Set<String> UNSEEN =
      Set.of(
          "head",
          "script",
          "style",
          "noscript",
          "template",
          "iframe",
          "object",
          "embed",
          "svg",
          "math",
          "canvas",
          "audio",
          "video",
          "select",
          "dialog");
  private static final Set<String> OTHER_BLOCKS =
      Set.of("tr", "dt", "dd", "figcaption", "details", "summary", "option");
  private static final Pattern HIDING =
      Pattern.compile("(^|;)\\s*(display\\s*:\\s*none|visibility\\s*:\\s*hidden)");

  private static final int TITLE_CHARS_MAX = 500;
  private static final int INDENT_MAX = 10;

  /// Bytes of a page that are parsed; the rest is left out. A hostile page takes more than a
  /// hundred times its size in memory.
  static final int BYTES_MAX = 2 * 1024 * 1024;

  private final StringBuilder text = new StringBuilder();
  private final Deque<Integer> links = new ArrayDeque<>();
  private final Deque<Integer> lists = new ArrayDeque<>();
  private final int charsMax;
  private int preformatted;
  private int markerEnd = -1;
  private boolean full;

  /// @param text at most as long as asked for
  record Page(String title, String text, boolean truncated) {}

  private HtmlText(int charsMax) {
    this.charsMax = charsMax;
  }

  /// @param charset of the header, if it says one; else the page itself is asked
  /// @param url to which its links are relative
  static Page read(byte[] bytes, Optional<Charset> charset, String url, int charsMax) {
    try {
      Document document =
          Jsoup.parse(
              new ByteArrayInputStream(bytes, 0, Math.min(bytes.length, BYTES_MAX)),
              charset.map(Charset::name).orElse(null),
              url);
      String title = document.title();
      HtmlText reader = new HtmlText(charsMax);
      document.body().filter(reader);
      return new Page(
          title.substring(0, Math.min(title.length(), TITLE_CHARS_MAX)),
          reader.text.toString().strip(),
          reader.full || bytes.length > BYTES_MAX);
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory", e);
    }
  }

  @Override
  public FilterResult head(Node node, int depth) {
    if (full) {
      return FilterResult.STOP;
    }
    if (node instanceof TextNode words) {
      append(preformatted > 0 ? words.getWholeText() : withoutGap(words.text()));
    } else if (node instanceof Element element) {
      if (unseen(element)) {
        return FilterResult.SKIP_ENTIRELY;
      }
      open(element);
    }
    return FilterResult.CONTINUE;
  }

  @Override
  public FilterResult tail(Node node, int depth) {
    if (node instanceof Element element && !full) {
      close(element);
    }
    return full ? FilterResult.STOP : FilterResult.CONTINUE;
  }

  private void open(Element element) {
    String name = element.normalName();
    switch (name) {
      case "h1", "h2", "h3", "h4", "h5", "h6" -> {
        lines(2);
        mark("#".repeat(name.charAt(1) - '0') + " ");
      }
      case "ul", "ol" -> {
        lines(lists.isEmpty() ? 2 : 1);
        lists.push(name.equals("ol") ? 1 : 0);
      }
      case "li" -> item();
      case "pre" -> {
        lines(2);
        append("```\n");
        preformatted++;
      }
      case "br" -> append("\n");
      case "hr" -> {
        lines(2);
        append("---");
      }
      case "a" -> {
        links.push(text.length());
        mark("[");
      }
      case "img" -> append(element.attr("alt"));
      default -> separate(element);
    }
  }

  private void close(Element element) {
    switch (element.normalName()) {
      case "ul", "ol" -> {
        lists.pop();
        lines(lists.isEmpty() ? 2 : 1);
      }
      case "li" -> {
        markerEnd = -1;
        lines(1);
      }
      case "h1", "h2", "h3", "h4", "h5", "h6" -> {
        markerEnd = -1;
        lines(2);
      }
      case "pre" -> {
        preformatted--;
        lines(1);
        append("```");
        lines(2);
      }
      case "a" -> closeLink(element);
      case "br", "hr", "img" -> {}
      case "td", "th" -> append(element.nextElementSibling() == null ? "" : " | ");
      default -> separate(element);
    }
  }

  private void separate(Element element) {
    String name = element.normalName();
    if (name.equals("td") || name.equals("th")) {
      return;
    }
    if (OTHER_BLOCKS.contains(name)) {
      lines(1);
    } else if (element.isBlock() && !insideItem(element)) {
      lines(2);
    }
  }

  /// A list is easier to read when paragraphs in its items make no empty lines.
  private boolean insideItem(Element element) {
    return !lists.isEmpty()
        && element.parent() != null
        && element.parent().normalName().equals("li");
  }

  private void item() {
    markerEnd = -1;
    lines(1);
    int number = lists.isEmpty() ? 0 : lists.pop();
    mark("  ".repeat(Math.min(lists.size(), INDENT_MAX)) + (number == 0 ? "- " : number + ". "));
    lists.push(number == 0 ? 0 : number + 1);
  }

  /// Only links to other pages are of use; one without words is none.
  private void closeLink(Element element) {
    int start = links.pop();
    String target = element.absUrl("href");
    String lower = target.toLowerCase(Locale.ROOT);
    if (blankFrom(start + 1)) {
      text.setLength(start);
      markerEnd = start;
    } else if (lower.startsWith("http://") || lower.startsWith("https://")) {
      append("](" + target + ")");
    } else {
      text.deleteCharAt(start);
    }
  }

  private boolean blankFrom(int start) {
    for (int i = start; i < text.length(); i++) {
      if (!Character.isWhitespace(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /// What the following words belong to: no line ends before them.
  private void mark(String marker) {
    append(marker);
    markerEnd = text.length();
  }

  /// Ends the line, and leaves `count - 1` empty ones. Nothing comes before the first line.
  private void lines(int count) {
    int end = text.length();
    if (end == markerEnd) {
      return;
    }
    while (end > 0 && text.charAt(end - 1) == ' ') {
      end--;
    }
    text.setLength(end);
    int there = 0;
    while (there < end && there < count && text.charAt(end - 1 - there) == '\n') {
      there++;
    }
    if (end > 0 && there < count) {
      // No room for them is no loss: the next word says that there is more.
      text.append("\n".repeat(Math.min(count - there, charsMax - end)));
    }
  }

  /// No second space, and none at the start of a line.
  private String withoutGap(String words) {
    boolean gap = text.isEmpty() || Character.isWhitespace(text.charAt(text.length() - 1));
    return gap && words.startsWith(" ") ? words.substring(1) : words;
  }

  private void append(String more) {
    int room = charsMax - text.length();
    if (more.length() <= room) {
      text.append(more);
      return;
    }
    full = true;
    boolean half = room > 0 && Character.isHighSurrogate(more.charAt(room - 1));
    text.append(more, 0, half ? room - 1 : room);
  }

  private static boolean unseen(Element element) {
    return UNSEEN.contains(element.normalName())
        || element.hasAttr("hidden")
        || element.attr("aria-hidden").equalsIgnoreCase("true")
        || element.hasAttr("style")
            && HIDING.matcher(element.attr("style").toLowerCase(Locale.ROOT)).find();
  }
}
