import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Scanner;

class Level implements Serializable {
  String id = "level", name;
  float elevation, floorThickness = 12, height = 250;
  Level(String name) { this.name = name; }
}

class Wall implements Serializable {
  String id;
  float xStart, xEnd = 100, yStart, yEnd, thickness = 10;
  Wall wallAtStart;
  Level level;
}

class Room implements Serializable {
  String name;
  float[][] points = {{0, 0}, {400, 0}, {400, 300}};
  Room(String name) { this.name = name; }
}

class HomePieceOfFurniture implements Serializable {
  String name;
  Map<String, String> properties = new HashMap<>();
  float x = 100, y = 100, width = 50, depth = 40, height = 30;
  HomePieceOfFurniture(String name) { this.name = name; properties.put(name, name); }
}

class HomeFurnitureGroup extends HomePieceOfFurniture {
  List<HomePieceOfFurniture> furniture;
  HomeFurnitureGroup(List<HomePieceOfFurniture> members) { super("group"); furniture = members; }
}

class Home implements Serializable {
  String name;
  int version = 5200;
  List<Level> levels;
  List<Wall> walls = new ArrayList<>();
  List<Room> rooms;
  List<HomePieceOfFurniture> furniture = new ArrayList<>();

  Home(String name, int joinedWalls) {
    this.name = name;
    levels = Collections.unmodifiableList(new ArrayList<>(List.of(new Level(name))));
    rooms = Collections.singletonList(new Room(name));
    furniture.add(new HomePieceOfFurniture(name));
    if (name.equals("group bomb")) {
      HomePieceOfFurniture group = furniture.get(0);
      for (int i = 0; i < 9; i++) {
        group = new HomeFurnitureGroup(new ArrayList<>(Collections.nCopies(10, group)));
      }
      furniture.add(group);
    }
    for (int i = 0; i < joinedWalls; i++) {
      Wall wall = new Wall();
      wall.id = "wall" + i;
      wall.level = levels.get(0);
      wall.wallAtStart = i > 0 ? walls.get(0) : null;
      walls.add(0, wall);
    }
  }
}

/** For each line of standard input, a text as UTF-16 in hex, prints a home of that name as Java serialises it, in hex. */
class Serialise {
  public static void main(String[] arguments) throws Exception {
    Scanner lines = new Scanner(System.in);
    while (lines.hasNextLine()) {
      byte[] units = HexFormat.of().parseHex(lines.nextLine());
      StringBuilder name = new StringBuilder();
      for (int i = 0; i < units.length; i += 2) {
        name.append((char) ((units[i] & 0xFF) << 8 | units[i + 1] & 0xFF));
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(new Home(name.toString(), 100));
      }
      System.out.println(HexFormat.of().formatHex(bytes.toByteArray()));
    }
  }
}
