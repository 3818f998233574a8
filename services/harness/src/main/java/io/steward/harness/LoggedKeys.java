package io.steward.harness;

import io.opentelemetry.api.trace.Span;
import io.quarkus.logging.LoggingFilter;
import io.steward.schemas.log.LogKeys;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logmanager.ExtLogRecord;

/// Gives lines in JSON the keys of their messages as fields, and the span they were written in.
@LoggingFilter(name = "keys")
final class LoggedKeys implements Filter {
  private final boolean json;

  LoggedKeys(@ConfigProperty(name = "quarkus.log.console.json.enabled") boolean json) {
    this.json = json;
  }

  @Override
  public boolean isLoggable(LogRecord record) {
    if (json && record instanceof ExtLogRecord line) {
      line.setMdc(
          LogKeys.ofLine(
              line.getFormattedMessage(),
              line.getMdcCopy().values(),
              Span.current().getSpanContext()));
    }
    return true;
  }
}
