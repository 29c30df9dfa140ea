import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import javax.jms.BytesMessage;
import javax.jms.Connection;
import javax.jms.DeliveryMode;
import javax.jms.Destination;
import javax.jms.MapMessage;
import javax.jms.Message;
import javax.jms.MessageConsumer;
import javax.jms.MessageEOFException;
import javax.jms.MessageProducer;
import javax.jms.Queue;
import javax.jms.QueueBrowser;
import javax.jms.Session;
import javax.jms.StreamMessage;
import javax.jms.TextMessage;
import javax.jms.Topic;
import org.apache.activemq.ActiveMQConnectionFactory;

/**
 * Does with ActiveMQ's JMS client what it is told: one JSON object a line in, one a line out. It ends when its input ends.
 *
 * A typed value is [type, value]; bytes are hexadecimal; a destination is "queue:NAME" or "topic:NAME".
 */
public class Peer {
    private final ObjectMapper json = new ObjectMapper();
    private final Map<String, MessageConsumer> consumers = new HashMap<>();
    private final Map<String, Destination> replies = new HashMap<>();
    private Connection connection;
    private Session session;

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Peer peer = new Peer();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            ObjectNode answer = peer.json.createObjectNode();
            try {
                answer.set("ok", peer.obey(peer.json.readTree(line)));
            } catch (Exception error) {
                answer.put("error", error.toString());
            }
            out.println(peer.json.writeValueAsString(answer));
        }
        // Threads of the client may keep the program alive.
        System.exit(0);
    }

    private JsonNode obey(JsonNode order) throws Exception {
        switch (order.get("do").asText()) {
            case "connect":
                connect(order);
                return null;
            case "consume":
                consume(order);
                return null;
            case "close":
                consumers.remove(order.get("name").asText()).close();
                return null;
            case "unsubscribe":
                session.unsubscribe(order.get("name").asText());
                return null;
            case "receive":
                return told(consumers.get(order.get("name").asText()).receive(order.get("limit").asLong()));
            case "browse":
                return browse(order);
            case "send":
                return json.getNodeFactory().textNode(send(order));
            default:
                throw new IllegalArgumentException(order.toString());
        }
    }

    private void connect(JsonNode order) throws Exception {
        ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(order.get("url").asText());
        connection = factory.createConnection(order.path("user").asText("guest"), order.path("password").asText("guest"));
        connection.setClientID(order.get("client").asText());
        connection.start();
        session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    }

    private Destination destination(String name) throws Exception {
        if (replies.containsKey(name)) {
            return replies.get(name);
        }
        if (name.equals("temporary")) {
            Destination temporary = session.createTemporaryQueue();
            replies.put(name, temporary);
            return temporary;
        }
        String bare = name.substring(name.indexOf(':') + 1);
        return name.startsWith("topic:") ? session.createTopic(bare) : session.createQueue(bare);
    }

    private void consume(JsonNode order) throws Exception {
        String name = order.get("name").asText();
        String selector = order.hasNonNull("selector") ? order.get("selector").asText() : null;
        Destination from = destination(order.get("from").asText());
        consumers.put(name, order.path("durable").asBoolean()
            ? session.createDurableSubscriber((Topic) from, name, selector, false)
            : session.createConsumer(from, selector));
    }

    private JsonNode browse(JsonNode order) throws Exception {
        QueueBrowser browser = session.createBrowser((Queue) destination(order.get("from").asText()));
        ArrayNode all = json.createArrayNode();
        for (Object message : Collections.list(browser.getEnumeration())) {
            all.add(told((Message) message));
        }
        browser.close();
        return all;
    }

    private String send(JsonNode order) throws Exception {
        Message message = made(order);
        for (Iterator<Map.Entry<String, JsonNode>> all = order.path("properties").fields(); all.hasNext();) {
            Map.Entry<String, JsonNode> property = all.next();
            message.setObjectProperty(property.getKey(), value(property.getValue()));
        }
        if (order.hasNonNull("correlation")) {
            message.setJMSCorrelationID(order.get("correlation").asText());
        }
        if (order.hasNonNull("type")) {
            message.setJMSType(order.get("type").asText());
        }
        if (order.hasNonNull("reply")) {
            message.setJMSReplyTo(destination(order.get("reply").asText()));
        }
        MessageProducer producer = session.createProducer(destination(order.get("to").asText()));
        producer.send(message, order.path("persistent").asBoolean(true) ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT,
            order.path("priority").asInt(4), order.path("ttl").asLong(0));
        producer.close();
        return message.getJMSMessageID();
    }

    private Message made(JsonNode order) throws Exception {
        JsonNode body = order.get("body");
        switch (order.get("kind").asText()) {
            case "text":
                return session.createTextMessage(body.asText());
            case "bytes":
                BytesMessage bytes = session.createBytesMessage();
                bytes.writeBytes(unhex(body.asText()));
                return bytes;
            case "map":
                MapMessage map = session.createMapMessage();
                for (Iterator<Map.Entry<String, JsonNode>> all = body.fields(); all.hasNext();) {
                    Map.Entry<String, JsonNode> entry = all.next();
                    map.setObject(entry.getKey(), value(entry.getValue()));
                }
                return map;
            case "stream":
                StreamMessage stream = session.createStreamMessage();
                for (JsonNode item : body) {
                    stream.writeObject(value(item));
                }
                return stream;
            default:
                return session.createMessage();
        }
    }

    private Object value(JsonNode typed) {
        JsonNode value = typed.get(1);
        switch (typed.get(0).asText()) {
            case "bool":
                return value.asBoolean();
            case "i8":
                return (byte) value.asInt();
            case "i16":
                return (short) value.asInt();
            case "char":
                return value.asText().charAt(0);
            case "i32":
                return value.asInt();
            case "i64":
                return value.asLong();
            case "f32":
                return Float.valueOf(value.asText());
            case "f64":
                return Double.valueOf(value.asText());
            case "bytes":
                return unhex(value.asText());
            default:
                return value.asText();
        }
    }

    private ArrayNode typed(Object value) {
        String type;
        String text = String.valueOf(value);
        if (value instanceof Boolean) {
            type = "bool";
        } else if (value instanceof Byte) {
            type = "i8";
        } else if (value instanceof Short) {
            type = "i16";
        } else if (value instanceof Character) {
            type = "char";
        } else if (value instanceof Integer) {
            type = "i32";
        } else if (value instanceof Long) {
            type = "i64";
        } else if (value instanceof Float) {
            type = "f32";
        } else if (value instanceof Double) {
            type = "f64";
        } else if (value instanceof byte[]) {
            type = "bytes";
            text = hex((byte[]) value);
        } else {
            type = value == null ? "null" : "string";
        }
        return json.createArrayNode().add(type).add(text);
    }

    private JsonNode told(Message message) throws Exception {
        if (message == null) {
            return null;
        }
        ObjectNode told = json.createObjectNode();
        if (message instanceof TextMessage) {
            told.put("kind", "text").put("body", ((TextMessage) message).getText());
        } else if (message instanceof BytesMessage) {
            byte[] bytes = new byte[(int) ((BytesMessage) message).getBodyLength()];
            ((BytesMessage) message).readBytes(bytes);
            told.put("kind", "bytes").put("body", hex(bytes));
        } else if (message instanceof MapMessage) {
            ObjectNode map = told.put("kind", "map").putObject("body");
            for (Object name : Collections.list(((MapMessage) message).getMapNames())) {
                map.set((String) name, typed(((MapMessage) message).getObject((String) name)));
            }
        } else if (message instanceof StreamMessage) {
            ArrayNode items = told.put("kind", "stream").putArray("body");
            try {
                while (true) {
                    items.add(typed(((StreamMessage) message).readObject()));
                }
            } catch (MessageEOFException end) {
                // That was all.
            }
        } else {
            told.put("kind", "empty");
        }
        ObjectNode properties = told.putObject("properties");
        for (Object name : Collections.list(message.getPropertyNames())) {
            properties.set((String) name, typed(message.getObjectProperty((String) name)));
        }
        told.put("id", message.getJMSMessageID());
        told.put("correlation", message.getJMSCorrelationID());
        told.put("type", message.getJMSType());
        told.put("priority", message.getJMSPriority());
        told.put("persistent", message.getJMSDeliveryMode() == DeliveryMode.PERSISTENT);
        told.put("expiration", message.getJMSExpiration());
        told.put("redelivered", message.getJMSRedelivered());
        Destination reply = message.getJMSReplyTo();
        if (reply != null) {
            replies.put(reply.toString(), reply);
            told.put("reply", reply.toString());
        }
        return told;
    }

    private static byte[] unhex(String text) {
        byte[] bytes = new byte[text.length() / 2];
        for (int at = 0; at < bytes.length; at++) {
            bytes[at] = (byte) Integer.parseInt(text.substring(2 * at, 2 * at + 2), 16);
        }
        return bytes;
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte one : bytes) {
            text.append(String.format("%02x", one));
        }
        return text.toString();
    }
}
