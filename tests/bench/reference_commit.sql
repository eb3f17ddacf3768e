INSERT INTO commit_of_a_row (text) VALUES ('one row, one durable commit');
