package io.steward.sessionlog.list;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// A `SELECT` that grows condition by condition. Conditions are constants with `?`; values never
/// become part of the text.
final class Sql {
  private final StringBuilder text;
  private final List<Object> values = new ArrayList<>();

  Sql(String select) {
    this.text = new StringBuilder(select);
  }

  Sql add(String part, Object... partValues) {
    text.append(part);
    values.addAll(List.of(partValues));
    return this;
  }

  PreparedStatement prepare(Connection connection) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(text.toString());
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i) instanceof Collection<?> texts) {
        Array array = connection.createArrayOf("text", texts.toArray());
        statement.setArray(i + 1, array);
      } else {
        statement.setObject(i + 1, values.get(i));
      }
    }
    return statement;
  }
}
