package io.steward.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Habits of the whole repository that no compiler checks. A rule names its replacement.
class TidyTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final int CLASS_LINES_MAX = 400;
  private static final int METHOD_LINES_MAX = 60;

  /// Classes that are longer than they should be, with the most code lines they may have. The list
  /// only gets shorter.
  private static final Map<String, Integer> LONG_CLASSES = Map.of();

  /// Threads of their own that pause between attempts or looks, where nothing can wake them. The
  /// list only gets shorter.
  private static final Set<String> SLEEPING =
      Set.of(
          "DataDirectory.java",
          "Devbox.java",
          "EventReader.java",
          "Exercise.java",
          "Housekeeping.java",
          "Leftovers.java",
          "Main.java",
          "OrphanTransactions.java",
          "OutboxRelay.java",
          "PartitionOwner.java",
          "Ports.java",
          "RecordReader.java",
          "SessionTracker.java",
          "SiblingReader.java",
          "Stores.java",
          "Tail.java");

  private static final Predicate<Source> MAIN = source -> source.path.contains("/src/main/");
  private static final Predicate<Source> PURE =
      MAIN.and(
          source -> source.path.matches(".*/(schemas/(session|record|event|agent)|decide)/.*"));

  private static final List<Ban> BANS =
      List.of(
          new Ban(any(), "^import lombok", "write the record or the constructor"),
          new Ban(any(), "^import (static )?org\\.mockito", "write a small fake"),
          new Ban(any(), "^import (static )?net\\.jqwik", "use @ParameterizedTest over seeds"),
          new Ban(any(), "\\b(TO" + "DO|FIX" + "ME|X" + "XX)\\b", "do it, or write an issue"),
          new Ban(
              MAIN.and(source -> !SLEEPING.contains(source.name())),
              "\\bThread\\.sleep\\(",
              "wait for a condition or use a scheduler"),
          new Ban(
              MAIN.and(source ->
                  !source.path.contains("services/devbox/") && !source.path.startsWith("bench/")),
              "\\bSystem\\.(out|err)\\b",
              "log a line"),
          new Ban(MAIN, "\\.printStackTrace\\(", "log with the cause"),
          new Ban(PURE, "\\bInstant\\.now\\(", "take the time as a parameter"),
          new Ban(PURE, "\\bUUID\\.randomUUID\\(", "take the id as a parameter"),
          new Ban(MAIN, "@Inject\\s+[\\w<>?, ]+;", "use the constructor"),
          new Ban(
              any(),
              "^(public )?(final |abstract |sealed )*(class|interface|record|enum) "
                  + "\\w*(Utils?|Helper|Manager|Impl)\\b",
              "name what it is"));

  private final List<Source> sources = sources();

  @Test
  void nothing_banned_is_used() {
    List<String> found = new ArrayList<>();
    for (Source source : sources) {
      for (Ban ban : BANS) {
        if (ban.where.test(source) && !source.path.endsWith("/TidyTest.java")) {
          Matcher matcher = ban.pattern.matcher(source.text);
          if (matcher.find()) {
            found.add(source.path + ": " + matcher.group().strip() + " — " + ban.instead);
          }
        }
      }
    }
    assertEquals(List.of(), found);
  }

  @Test
  void every_package_says_what_it_is_for() {
    Set<String> packages = new TreeSet<>();
    Set<String> described = new TreeSet<>();
    for (Source source : sources) {
      if (source.path.startsWith("docker/")) {
        continue; // Programs of one file, which images are built with, have no package.
      }
      packages.add(source.folder());
      if (source.path.endsWith("/package-info.java") && source.text.contains("@NullMarked")) {
        described.add(source.folder());
      }
    }
    packages.removeAll(described);
    assertEquals(Set.of(), packages, "packages without package-info.java and @NullMarked");
  }

  @Test
  void no_package_is_a_drawer() {
    List<String> drawers =
        sources.stream()
            .map(Source::folder)
            .filter(folder ->
                folder.matches(
                    ".*/(util|utils|common|helper|helpers|misc|dto|mapper|model/dto|impl)$"))
            .distinct()
            .toList();
    assertEquals(List.of(), drawers);
  }

  @Test
  void classes_are_short() {
    List<String> found = new ArrayList<>();
    for (Source source : sources) {
      int lines = source.codeLines();
      if (lines > LONG_CLASSES.getOrDefault(source.name(), CLASS_LINES_MAX)) {
        found.add(source.path + ": " + lines + " code lines");
      }
    }
    assertEquals(List.of(), found, "classes of more than " + CLASS_LINES_MAX + " code lines");
  }

  @Test
  void methods_are_short() {
    List<String> found = new ArrayList<>();
    sources.forEach(source -> found.addAll(source.longMethods()));
    assertEquals(List.of(), found, "methods of more than " + METHOD_LINES_MAX + " lines");
  }

  private static Predicate<Source> any() {
    return _ -> true;
  }

  private static List<Source> sources() {
    List<Source> found = new ArrayList<>();
    try {
      Files.walkFileTree(
          ROOT,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              String name = String.valueOf(folder.getFileName());
              boolean skip =
                  !folder.equals(ROOT)
                      && (name.startsWith(".")
                          || name.equals("target")
                          || name.equals("node_modules"));
              return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              if (file.toString().endsWith(".java")) {
                found.add(new Source(ROOT.relativize(file).toString(), Files.readString(file)));
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return found;
  }

  private record Ban(Predicate<Source> where, Pattern pattern, String instead) {
    Ban(Predicate<Source> where, String pattern, String instead) {
      this(where, Pattern.compile(pattern, Pattern.MULTILINE), instead);
    }
  }

  private static final class Source {
    /// A method or constructor: no control flow, no type, no lambda.
    private static final Pattern METHOD =
        Pattern.compile(
            "^\\s+(?!(if|for|while|switch|try|else|do|catch|return|case|new|synchronized|}|->)\\b)"
                + "(?!.*\\b(class|record|interface|enum)\\b)(?!.*(->|[;={}]))[\\w@<].*\\(.*\\)"
                + "( throws [\\w., ]+)? \\{$");

    private final String path;
    private final String text;

    Source(String path, String text) {
      this.path = path;
      this.text = text;
    }

    String folder() {
      return path.substring(0, path.lastIndexOf('/'));
    }

    String name() {
      return path.substring(path.lastIndexOf('/') + 1);
    }

    int codeLines() {
      int lines = 0;
      for (String line : text.split("\n", -1)) {
        String stripped = line.strip();
        boolean code =
            !stripped.isEmpty() && !stripped.startsWith("//") && !stripped.startsWith("import ");
        lines += code ? 1 : 0;
      }
      return lines;
    }

    List<String> longMethods() {
      List<String> found = new ArrayList<>();
      String[] lines = text.split("\n", -1);
      for (int i = 0; i < lines.length; i++) {
        if (lines[i].endsWith("{")) {
          int start = startOf(lines, i);
          String header = String.join(" ", Arrays.copyOfRange(lines, start, i + 1));
          int length = METHOD.matcher(header).matches() ? endOf(lines, start, i) - i - 1 : 0;
          if (length > METHOD_LINES_MAX) {
            found.add(path + ":" + (start + 1) + ": " + length + " lines");
          }
        }
      }
      return found;
    }

    /// The line of a broken header in which its parentheses open.
    private static int startOf(String[] lines, int end) {
      int open = 0;
      for (int i = end; i >= 0; i--) {
        open += lines[i].chars().map(c -> c == ')' ? 1 : c == '(' ? -1 : 0).sum();
        if (open <= 0) {
          return i;
        }
      }
      return end;
    }

    /// The formatter closes a block in the column that opened it.
    private static int endOf(String[] lines, int start, int from) {
      int column = lines[start].length() - lines[start].stripLeading().length();
      String closing = " ".repeat(column) + "}";
      for (int i = from + 1; i < lines.length; i++) {
        if (lines[i].startsWith(closing)) {
          return i;
        }
      }
      return from;
    }
  }
}
