package io.steward.sandbox.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each line: pattern, path, whether it matches. POSIX syntax as used here is also Java syntax.
class GlobPatternTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "*.txt       | a.txt       | true",
        "*.txt       | .a.txt      | true",
        "*.txt       | d/a.txt     | false",
        "**/*.txt    | a.txt       | true",
        "**/*.txt    | d/e/a.txt   | true",
        "d/**        | d/e/a.txt   | true",
        "d/**        | e/a.txt     | false",
        "**          | d/e         | true",
        "d/**/a.txt  | d/a.txt     | true",
        "d/**/a.txt  | d/x/y/a.txt | true",
        "a**b        | axxb        | true",
        "a**b        | ax/xb       | false",
        "?.c         | é.c         | true",
        "?.c         | /.c         | false",
        "[a-c].c     | b.c         | true",
        "[!a-c].c    | b.c         | false",
        "[!a-c].c    | x.c         | true",
        "[a          | [a          | true",
        "*.{js,ts}   | x.ts        | true",
        "*.{js,ts}   | x.css       | false",
        "{a,b/**}/c  | b/x/y/c     | true",
        "{a          | {a          | true",
        "a,b         | a,b         | true",
        "a+(b).c$    | a+(b).c$    | true",
        "./x//y      | x/y         | true",
        "\\*         | *           | true",
        "\\*         | a           | false",
        "a.b         | axb         | false",
      })
  void a_path_matches_or_not(String pattern, String path, boolean matches) {
    assertEquals(matches, path.matches(GlobPattern.toRegex(pattern)), GlobPattern.toRegex(pattern));
  }
}
