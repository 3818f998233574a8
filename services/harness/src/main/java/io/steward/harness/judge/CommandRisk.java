package io.steward.harness.judge;

import java.util.List;
import java.util.regex.Pattern;

/// Signs of commands that do harm. They are found by their words, so a command can hide from them;
/// what hides is not plain, and a person is asked.
final class CommandRisk {
  private static final String END = "(?=[\\s;&|)'\"]|$)";

  private static final List<Pattern> CREDENTIALS =
      patterns(
          "/etc/(shadow|gshadow|sudoers)\\b",
          "\\.ssh/(id_|authorized_keys|identity)",
          "\\.aws/(credentials|config)\\b",
          "\\.config/(gcloud|gh)\\b",
          "\\.(netrc|git-credentials|pgpass|pypirc|npmrc)\\b",
          "\\.(kube|docker)/config",
          "\\.gnupg/",
          "/proc/([^\\s;&|]*/)?(environ|mem)\\b",
          "/run/secrets/",
          "\\b169\\.254\\.169\\.254\\b",
          "\\bmetadata\\.google\\.internal\\b");

  private static final String SHELLS =
      "(sudo\\s+)?(env\\s+)?(\\S*/)?(sh|bash|dash|zsh|ksh|python[\\d.]*|perl|ruby|node|php)" + END;

  private static final List<Pattern> HARM =
      patterns(
          // Removing everything, or a part of the system.
          "\\brm\\s[^;&|\\n]*?(?<=\\s)['\"]?(/|~|\\$\\{?HOME\\}?)/?\\*?['\"]?" + END,
          "\\brm\\s[^;&|\\n]*?(?<=\\s)['\"]?/(bin|boot|dev|etc|home|lib|lib64|opt|proc|root|sbin|sys|usr|var)"
              + "/?\\*?['\"]?"
              + END,
          "--no-preserve-root",
          "\\bfind\\s+/\\s[^;&|\\n]*-delete",
          // Writing over devices.
          "\\bmkfs(\\.\\w+)?\\b",
          "\\bdd\\b[^;&|\\n]*\\bof=/dev/(?!null|stdout|stderr)",
          ">\\s*/dev/(sd|hd|vd|xvd|nvme|mmcblk|mem|kmem)",
          "\\b(wipefs|blkdiscard)\\b",
          // Running what was just fetched or decoded.
          "\\b(curl|wget|fetch)\\b[^;&\\n]*\\|\\s*" + SHELLS,
          "\\bbase(64|32)\\b[^;&\\n]*\\|\\s*" + SHELLS,
          "\\b(sh|bash|zsh|eval|source)\\b[^;&|\\n]*(<\\(|\\$\\(|`)\\s*(curl|wget)\\b",
          // A connection that a stranger commands, or data that goes out through one.
          "/dev/(tcp|udp)/",
          "\\b(nc|ncat|netcat)\\b[^;&|\\n]*\\s-\\w*[ec]\\b",
          // Forking without end.
          ":\\s*\\(\\s*\\)\\s*\\{\\s*:\\s*\\|",
          // Rights for everybody, or other people's rights.
          "\\bchmod\\s[^;&|\\n]*\\b0?777\\s+['\"]?/\\*?['\"]?" + END,
          "\\bch(own|mod)\\s+(-\\w*R\\w*|--recursive)\\s[^;&|\\n]*(?<=\\s)['\"]?/\\*?['\"]?" + END,
          "\\bchmod\\s[^;&|\\n]*(\\+s|[^\\d]0?[4267]\\d{3})\\b[^;&|\\n]*/(bin|sh|bash)",
          ">>?\\s*/etc/(passwd|group|cron|ld\\.so|profile|hosts)",
          // Ending the machine.
          "(^|[;&|]\\s*)(sudo\\s+)?(shutdown|reboot|halt|poweroff)" + END);

  private CommandRisk() {}

  /// Whether the text names a file or address whose content is somebody's credentials.
  static boolean namesCredentials(String text) {
    return CREDENTIALS.stream().anyMatch(pattern -> pattern.matcher(text).find());
  }

  /// Whether the command shows a plain sign of harm.
  static boolean isHigh(String command) {
    return HARM.stream().anyMatch(pattern -> pattern.matcher(command).find());
  }

  private static List<Pattern> patterns(String... patterns) {
    return List.of(patterns).stream().map(Pattern::compile).toList();
  }
}
