"""`World`: a scene with physics. Nothing in it is random: the same calls give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from scenes.errors import HomeError
from scenes.library import load_scene
from scenes.scene import Instance, Point3, Scene
from sim.bullet_client import open_client
from sim.bullet_lists import INDICES, VERTICES
from sim.world.doors import Doors
from sim.world.joints import load_urdf
from sim.world.leaves import find_leaves
from sim.world.movables import Movable, find_movables, hulls
from sim.world.state import BodyState, WorldState
from sim.world.statics import Chunk, chunks, instance_at, solid_triangles, triangles_of

Floats = npt.NDArray[np.float64]

STEPS_PER_S = 240
GRAVITY_M_S2 = 9.81
FRICTION = 0.8
"""Of everything in a home; PyBullet multiplies it with that of what touches it (tyres: `sim.robots`)."""


TOUCHING_M = 0.005
INSIDE_M = 0.01
STEEP = 0.7
"""Cosine of the slope from which on a surface is something to run into."""


_NOBODY, _MOVES, _EVERYBODY = 0, 1, -1
"""PyBullet's groups of bodies that meet each other."""


@dataclass(frozen=True)
class Contact:
    """Where a body touches something. `normal` points from the thing to the body; `link`: of the body, -1 its base."""

    instance: Instance
    position: Point3
    normal: Point3
    force_n: float
    link: int


@dataclass(frozen=True)
class Motors:
    """What a body's motors were last told. `speeds_rad_s`: (wheels,)."""

    speeds_rad_s: Floats
    torque_n_m: float


@dataclass(frozen=True)
class Moved:
    """A thing that moves. `triangles`: (n,) of the scene; `T_world_drawn`: (4, 4), from where they are drawn."""

    instance: int
    triangles: npt.NDArray[np.int64]
    T_world_drawn: Floats


class World:
    """A scene in a PyBullet client of its own. Use it in a `with` statement, or close it."""

    def __init__(self, scene: Scene, *, movable: bool = False) -> None:
        """`movable`: whether furniture of modest size can be pushed (see `sim.world.movables`)."""
        self.scene = scene
        self.steps = 0
        self.bullet, self.client = open_client()
        self.bullet.setPhysicsEngineParameter(
            fixedTimeStep=1 / STEPS_PER_S, deterministicOverlappingPairs=1, physicsClientId=self.client
        )
        self.bullet.setGravity(0, 0, -GRAVITY_M_S2, physicsClientId=self.client)
        self._inertial: dict[int, Floats] = {}
        self._motors: dict[int, Motors] = {}
        self._side_grip: dict[int, float] = {}
        leaves, stuck = find_leaves(scene)
        solid = solid_triangles(scene)
        pieces = find_movables(scene) if movable else []
        gone = (triangles_of(scene, door.id) for door in stuck)
        for taken in (*(leaf.triangles for leaf in leaves), *gone, *(piece.triangles for piece in pieces)):
            solid[taken] = False
        self._chunks = {self._add_chunk(chunk): chunk for chunk in chunks(scene, solid)}
        self._doors = Doors(self.bullet, self.client, scene, leaves, self._chunks)
        self._movers = {body: leaf.instance for body, leaf in zip(self._doors.bodies, self._doors.leaves, strict=True)}
        self._movables = {self._add_movable(piece): piece for piece in pieces}
        self._movers |= {body: piece.instance for body, piece in self._movables.items()}
        self.warnings = (
            *(f"door {d.name!r} ({d.source}): its leaf cannot be told from its frame; it is taken off" for d in stuck),
            *self._doors.warnings,
        )

    @classmethod
    def load(cls, name_or_path: str, *, movable: bool = False) -> World:
        """The world of a bundled scene or of a file.

        Raises:
            HomeError: not found, not a home, or damaged beyond use.
        """
        return cls(load_scene(name_or_path), movable=movable)

    def __enter__(self) -> World:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the PyBullet client; the world cannot be used afterwards."""
        if self.client >= 0:
            self.bullet.disconnect(self.client)
            self.client = -1

    @property
    def time_s(self) -> float:
        """Simulated time since the beginning."""
        return self.steps / STEPS_PER_S

    def step(self, count: int = 1) -> None:
        """Goes on by `count` time steps of 1/240 s."""
        for _ in range(count):
            if self._doors.moving:
                self._doors.advance(1 / STEPS_PER_S)
            self.bullet.stepSimulation(physicsClientId=self.client)
        self.steps += count

    def save(self) -> WorldState:
        """All that changes. The world goes on from the numbers of that state, exactly as one that it is restored to."""
        state = WorldState(
            scene=self.scene.name,
            steps=self.steps,
            bodies=tuple(self._body_state(body) for body in self._motors),
            door_openings=tuple(self._doors.opening.tolist()),
            door_targets=tuple(self._doors.target.tolist()),
        )
        self.restore(state)
        return state

    def restore(self, state: WorldState) -> None:
        """Puts everything where it was when a state was saved, of this world or of one built alike.

        Raises:
            HomeError: the state is of another scene, or of other bodies.
        """
        joints = [len(motors.speeds_rad_s) for motors in self._motors.values()]
        if state.scene != self.scene.name or [len(body.angles_rad) for body in state.bodies] != joints:
            raise HomeError(
                f"the state is of {state.scene!r} with {len(state.bodies)} bodies, the world is {self.scene.name!r} "
                f"with {len(joints)}; load the same scene and add the same robots in the same order"
            )
        if len(state.door_openings) != len(self._doors.leaves):
            raise HomeError(f"the state has {len(state.door_openings)} leaves of doors, not {len(self._doors.leaves)}")
        self.steps = state.steps
        self._doors.jump(np.array(state.door_openings), np.array(state.door_targets))
        for body, saved in zip(self._motors, state.bodies, strict=True):
            self._put_body(body, saved)
        self._forget_contacts()

    def _body_state(self, body: int) -> BodyState:
        client = {"physicsClientId": self.client}
        position, quaternion = self.bullet.getBasePositionAndOrientation(body, **client)
        velocity, spin = self.bullet.getBaseVelocity(body, **client)
        motors = self._motors[body]
        count = len(motors.speeds_rad_s)
        joints = self.bullet.getJointStates(body, range(count), **client) if count else ()
        return BodyState(
            position=position,
            quaternion=quaternion,
            velocity_m_s=velocity,
            spin_rad_s=spin,
            angles_rad=tuple(joint[0] for joint in joints),
            speeds_rad_s=tuple(joint[1] for joint in joints),
            motors_rad_s=tuple(motors.speeds_rad_s.tolist()),
            torque_n_m=motors.torque_n_m,
        )

    def _put_body(self, body: int, state: BodyState) -> None:
        client = {"physicsClientId": self.client}
        self.bullet.resetBasePositionAndOrientation(body, state.position, state.quaternion, **client)
        for joint, (angle, speed) in enumerate(zip(state.angles_rad, state.speeds_rad_s, strict=True)):
            self.bullet.resetJointState(body, joint, angle, speed, **client)
        self.bullet.resetBaseVelocity(body, state.velocity_m_s, state.spin_rad_s, **client)
        self.set_motor_speeds(body, np.array(state.motors_rad_s), state.torque_n_m)

    def _forget_contacts(self) -> None:
        """PyBullet keeps contacts from step to step; a new place in its broad phase makes it forget them."""
        for group, mask in ((_NOBODY, _NOBODY), (_MOVES, _EVERYBODY)):
            for body, motors in self._motors.items():
                for link in range(-1, len(motors.speeds_rad_s)):
                    self.bullet.setCollisionFilterGroupMask(body, link, group, mask, physicsClientId=self.client)
            if group == _NOBODY:
                self.bullet.performCollisionDetection(physicsClientId=self.client)

    def doors(self) -> tuple[Instance, ...]:
        """The doors that have a leaf."""
        ids = sorted({leaf.instance for leaf in self._doors.leaves})
        return tuple(self.scene.instances[instance_id - 1] for instance_id in ids)

    def set_door(self, door: Instance, opening: float) -> None:
        """Lets the leaves of a door go, in the steps to come, to where they are open by `opening`, 0 to 1.

        Raises:
            HomeError: a door without a leaf, or an opening outside of 0..1.
        """
        leaves = self._doors.of(door.id)
        if not leaves:
            raise HomeError(
                f"{door.name!r} ({door.source}) has no leaf that moves; World.doors() lists those that have"
            )
        if not 0.0 <= opening <= 1.0:
            raise HomeError(f"a door open by {opening}; give a share from 0 (shut) to 1 (open)")
        self._doors.send(leaves, opening)

    def door_opening(self, door: Instance) -> float:
        """How far a door is open, 0 to 1: the least of its leaves."""
        return float(min(self._doors.opening[self._doors.of(door.id)], default=1.0))

    def moved(self) -> tuple[Moved, ...]:
        """What is not where it is drawn, or may come to be elsewhere."""
        doors = (
            Moved(leaf.instance, leaf.triangles, self._doors.placement(index))
            for index, leaf in enumerate(self._doors.leaves)
        )
        pieces = (Moved(piece.instance, piece.triangles, self.pose(body)) for body, piece in self._movables.items())
        return (*doors, *pieces)

    def add_urdf(self, path: Path, friction: float, wheel_friction: float, *, wheels: Sequence[str]) -> int:
        """A body from a URDF file, at the origin: a chassis and wheels, each with its friction; its PyBullet id.

        `wheels`: names of the joints that motors turn, in the order in which their speeds are given.

        Raises:
            HomeError: the file cannot be read, or its joints are not these.
        """
        body = load_urdf(self.bullet, self.client, path, wheels)
        for link in range(-1, len(wheels)):
            self.bullet.changeDynamics(
                body,
                link,
                lateralFriction=friction if link < 0 else wheel_friction,
                linearDamping=0.0,
                angularDamping=0.0,
                jointDamping=0.0,
                physicsClientId=self.client,
            )
        info = self.bullet.getDynamicsInfo(body, -1, physicsClientId=self.client)
        self._inertial[body] = self._matrix(info[3], info[4])
        self._motors[body] = Motors(np.zeros(len(wheels)), 0.0)
        return body

    def pose(self, body: int) -> Floats:
        """`T_world_body` (4, 4) of a body from a URDF file."""
        position, quaternion = self.bullet.getBasePositionAndOrientation(body, physicsClientId=self.client)
        return self._matrix(position, quaternion) @ np.linalg.inv(self._inertial[body])

    def set_pose(self, body: int, pose: Floats) -> None:
        """Puts a body somewhere, at rest."""
        matrix = pose @ self._inertial[body]
        quaternion = _quaternion(matrix[:3, :3])
        client = {"physicsClientId": self.client}
        self.bullet.resetBasePositionAndOrientation(body, matrix[:3, 3].tolist(), quaternion, **client)
        self.bullet.resetBaseVelocity(body, (0, 0, 0), (0, 0, 0), **client)
        for joint in range(len(self._motors[body].speeds_rad_s)):
            self.bullet.resetJointState(body, joint, 0.0, 0.0, **client)

    def speed_m_s(self, body: int) -> float:
        """How fast a body moves."""
        velocity, _ = self.bullet.getBaseVelocity(body, physicsClientId=self.client)
        return float(np.linalg.norm(velocity))

    def motor_speeds(self, body: int) -> Floats:
        """What a body's motors were last told, rad/s."""
        return self._motors[body].speeds_rad_s

    def set_motor_speeds(self, body: int, speeds_rad_s: Floats, torque_n_m: float) -> None:
        """Tells a body's motors how fast to turn, with this torque at most."""
        self._motors[body] = Motors(np.array(speeds_rad_s, np.float64), torque_n_m)
        if not len(speeds_rad_s):
            return
        self.bullet.setJointMotorControlArray(
            body,
            list(range(len(speeds_rad_s))),
            self.bullet.VELOCITY_CONTROL,
            targetVelocities=speeds_rad_s.tolist(),
            forces=[torque_n_m] * len(speeds_rad_s),
            physicsClientId=self.client,
        )

    def set_side_grip(self, body: int, share: float) -> None:
        """Sets the share of its wheels' friction that holds along their axles, which are their links' z axes."""
        if self._side_grip.get(body, 1.0) != share:
            self._side_grip[body] = share
            for link in range(len(self._motors[body].speeds_rad_s)):
                self.bullet.changeDynamics(
                    body, link, anisotropicFriction=[1.0, 1.0, share], physicsClientId=self.client
                )

    def contacts(self, body: int, *, link: int | None = None, walls_only: bool = False) -> tuple[Contact, ...]:
        """Where a body, or one link of it, touches the home after the last step; `walls_only`: where that is steep."""
        only = {} if link is None else {"linkIndexA": link}
        found = []
        for point in self.bullet.getContactPoints(bodyA=body, physicsClientId=self.client, **only):
            _, _, other, own_link, _, _, position, normal, distance, force, *_ = point
            if distance > TOUCHING_M or (walls_only and normal[2] > STEEP):
                continue
            instance = self._instance_at(other, position, normal)
            if instance is not None:
                found.append(Contact(instance, position, normal, force, own_link))
        return tuple(found)

    def overlaps(self, body: int) -> tuple[Instance, ...]:
        """What a body reaches into by more than a centimetre, where it is now."""
        self.bullet.performCollisionDetection(physicsClientId=self.client)
        found = {}
        for point in self.bullet.getContactPoints(bodyA=body, physicsClientId=self.client):
            instance = self._instance_at(point[2], point[6], point[7]) if point[8] < -INSIDE_M else None
            if instance is not None:
                found[instance.id] = instance
        return tuple(found.values())

    def floor_below(self, points: Floats, reach_m: float) -> Floats:
        """Heights (N,) of the first surface straight below points (N, 3) within `reach_m`; NaN where there is none."""
        ends = points - (0.0, 0.0, reach_m)
        hits = self.bullet.rayTestBatch(points.tolist(), ends.tolist(), physicsClientId=self.client)
        return np.array([hit[3][2] if hit[0] >= 0 else np.nan for hit in hits])

    def _instance_at(self, body: int, position: Point3, normal: Point3) -> Instance | None:
        """What of the home a body is, there; None for a robot."""
        if body in self._chunks:
            return self.scene.instances[instance_at(self._chunks[body], np.array(position), np.array(normal)) - 1]
        return self.scene.instances[self._movers[body] - 1] if body in self._movers else None

    def _matrix(self, position: Sequence[float], quaternion: Sequence[float]) -> Floats:
        matrix = np.eye(4)
        matrix[:3, :3] = np.reshape(self.bullet.getMatrixFromQuaternion(quaternion), (3, 3))
        matrix[:3, 3] = position
        return matrix

    def _add_movable(self, piece: Movable) -> int:
        client = {"physicsClientId": self.client}
        shape = self.bullet.createCollisionShape(
            self.bullet.GEOM_MESH, fileName=str(hulls(self.bullet, self.scene, piece)), **client
        )
        body: int = self.bullet.createMultiBody(piece.mass_kg, shape, basePosition=piece.centre_m.tolist(), **client)
        self.bullet.changeDynamics(body, -1, lateralFriction=FRICTION, **client)
        self._inertial[body] = np.eye(4)
        self._inertial[body][:3, 3] = piece.centre_m
        self._motors[body] = Motors(np.zeros(0), 0.0)
        return body

    def _add_chunk(self, chunk: Chunk) -> int:
        vertices, indices = np.unique(chunk.corners.reshape(-1, 3), axis=0, return_inverse=True)
        shape = self.bullet.createCollisionShape(
            self.bullet.GEOM_MESH,
            vertices=VERTICES.of(vertices),
            indices=INDICES.of(indices.reshape(-1)),
            flags=self.bullet.GEOM_FORCE_CONCAVE_TRIMESH,
            physicsClientId=self.client,
        )
        body: int = self.bullet.createMultiBody(0, shape, physicsClientId=self.client)
        self.bullet.changeDynamics(body, -1, lateralFriction=FRICTION, physicsClientId=self.client)
        return body


def _quaternion(rotation: Floats) -> list[float]:
    """x, y, z, w of a 3x3 rotation."""
    from scipy.spatial.transform import Rotation

    return Rotation.from_matrix(rotation).as_quat().tolist()
